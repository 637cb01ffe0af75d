-- Those before the first snapshot that is there belong to what was pruned.
SELECT at_us, kind, runs, reason, after_seq FROM missed
WHERE coalesce(after_seq, 0) > (SELECT coalesce(max(last_seq), -1) FROM prune)
ORDER BY record
