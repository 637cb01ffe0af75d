-- Those that are in use, in the order in which they were made.
SELECT b.record, b.name, b.host_name, b.first_seq, b.last_seq, b.snapshots, b.began_us, b.ended_us,
       b.least_share_percent, b.left_out, b.note, r.written_us, a.uid, a.user, a.login_user,
       (SELECT count(*) FROM baseline_service AS s WHERE s.record = b.record),
       (SELECT count(*) FROM baseline_service AS s JOIN baseline_acceptance AS c ON c.record = s.record
        WHERE c.baseline = b.record)
FROM baseline AS b JOIN record AS r ON r.id = b.record JOIN author AS a ON a.record = b.record
WHERE NOT EXISTS (SELECT 1 FROM baseline_drop AS d WHERE d.baseline = b.record)
ORDER BY b.record
