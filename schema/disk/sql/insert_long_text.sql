INSERT INTO long_text (text, length, sha256, head, tail) VALUES (?1, ?2, ?3, ?4, ?5)
