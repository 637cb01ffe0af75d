INSERT INTO baseline (record, name, host_name, first_seq, last_seq, snapshots, began_us, ended_us,
                      least_share_percent, left_out, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
