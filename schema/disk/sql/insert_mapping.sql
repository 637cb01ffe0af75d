INSERT INTO mapping (id, first_seq, process, program) VALUES (?1, ?2, ?3, ?4)
