INSERT INTO record (id, kind, written_us) VALUES (?1, ?2, ?3)
