INSERT INTO mapping (id, process, program) VALUES (?1, ?2, ?3)
