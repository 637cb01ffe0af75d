INSERT INTO frame (seq, entity, last_id, ids) VALUES (?1, ?2, ?3, ?4)
