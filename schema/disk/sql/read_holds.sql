-- Those that hold, in the order in which they were made.
SELECT h.record, h.name, h.first_seq, h.last_seq, h.reason, r.written_us, a.uid, a.user, a.login_user
FROM hold AS h JOIN record AS r ON r.id = h.record JOIN author AS a ON a.record = h.record
WHERE NOT EXISTS (SELECT 1 FROM hold_end AS e WHERE e.hold = h.record)
ORDER BY h.record
