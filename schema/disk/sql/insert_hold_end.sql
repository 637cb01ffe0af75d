INSERT INTO hold_end (record, hold, reason) VALUES (?1, ?2, ?3)
