INSERT INTO group_name (id, gid, name) VALUES (?1, ?2, ?3)
