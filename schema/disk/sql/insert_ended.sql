INSERT INTO ended (seq, entity, ids) VALUES (?1, ?2, ?3)
