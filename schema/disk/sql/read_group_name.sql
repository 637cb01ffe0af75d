SELECT id, gid, name FROM group_name WHERE id BETWEEN ?1 AND ?2 ORDER BY id
