SELECT at_us, kind, runs, reason, after_seq FROM missed ORDER BY record
