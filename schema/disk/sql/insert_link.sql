INSERT INTO link (record, leaves, advance, root, successor, head, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
