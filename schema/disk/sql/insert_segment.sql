INSERT INTO key_segment (record, public_key, reason, known) VALUES (?1, ?2, ?3, ?4)
