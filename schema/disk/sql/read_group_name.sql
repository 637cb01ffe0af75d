SELECT id, first_seq, gid, name FROM group_name WHERE id BETWEEN ?1 AND ?2 ORDER BY id
