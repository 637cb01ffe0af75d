INSERT INTO baseline_acceptance (record, baseline, seq, thing, reason, until_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
