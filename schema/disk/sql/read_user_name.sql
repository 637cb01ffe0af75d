SELECT id, uid, name FROM user_name WHERE id BETWEEN ?1 AND ?2 ORDER BY id
