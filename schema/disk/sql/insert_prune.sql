INSERT INTO prune (record, first_seq, last_seq, began_us, ended_us, removed, until_record, kept, kept_root, marks, policy)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
