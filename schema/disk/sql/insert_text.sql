INSERT INTO text (hash, bytes) VALUES (?1, ?2)
