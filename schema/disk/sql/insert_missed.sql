INSERT INTO missed (record, at_us, kind, runs, reason, after_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
