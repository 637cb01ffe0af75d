INSERT INTO user_name (id, first_seq, uid, name) VALUES (?1, ?2, ?3, ?4)
