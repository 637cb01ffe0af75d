INSERT INTO text_run (text, position, first, last) VALUES (?1, ?2, ?3, ?4)
