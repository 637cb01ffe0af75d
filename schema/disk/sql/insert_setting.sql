INSERT INTO setting (record, name, value) VALUES (?1, ?2, ?3)
