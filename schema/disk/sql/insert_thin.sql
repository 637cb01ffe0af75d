INSERT INTO thin (record, first_seq, last_seq, began_us, ended_us, step_us, snapshots, removed, policy)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
