INSERT INTO hold (record, name, first_seq, last_seq, reason) VALUES (?1, ?2, ?3, ?4, ?5)
