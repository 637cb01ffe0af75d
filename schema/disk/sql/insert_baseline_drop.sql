INSERT INTO baseline_drop (record, baseline, note) VALUES (?1, ?2, ?3)
