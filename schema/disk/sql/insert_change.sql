INSERT INTO change (seq, entity, last_id, ended) VALUES (?1, ?2, ?3, ?4)
