-- Spans whose snapshots are there, the latest thinning first: what it covers counts no more.
SELECT first_seq, last_seq, first_record, last_record, kept, kept_root
FROM thin_span
WHERE first_seq >= (SELECT coalesce(min(seq), 0) FROM snapshot)
ORDER BY record DESC, first_seq
