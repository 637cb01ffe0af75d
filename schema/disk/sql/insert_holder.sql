INSERT INTO holder (id, first_seq, socket, process, fd) VALUES (?1, ?2, ?3, ?4, ?5)
