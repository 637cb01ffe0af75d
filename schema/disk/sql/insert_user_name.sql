INSERT INTO user_name (id, uid, name) VALUES (?1, ?2, ?3)
