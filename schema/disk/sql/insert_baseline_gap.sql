INSERT INTO baseline_gap (record, source, reason, netns, pid, object, error_number, count)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
