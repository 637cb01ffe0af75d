-- Records that are no snapshot: runs that gave none, and prunes.
SELECT record.id, link.head, missed.at_us, missed.kind, missed.runs, missed.reason, missed.after_seq,
       prune.first_seq, prune.last_seq
FROM record
LEFT JOIN link ON link.record = record.id
LEFT JOIN missed ON missed.record = record.id
LEFT JOIN prune ON prune.record = record.id
WHERE record.id > ?1 AND record.kind IN (2, 9)
ORDER BY record.id
