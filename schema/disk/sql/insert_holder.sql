INSERT INTO holder (id, socket, process, fd) VALUES (?1, ?2, ?3, ?4)
