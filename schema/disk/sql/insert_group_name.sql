INSERT INTO group_name (id, first_seq, gid, name) VALUES (?1, ?2, ?3, ?4)
