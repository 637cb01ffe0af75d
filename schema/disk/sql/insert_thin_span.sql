INSERT INTO thin_span (record, first_seq, last_seq, first_record, last_record, kept, kept_root)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
