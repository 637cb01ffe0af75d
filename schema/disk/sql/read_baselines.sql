-- Those that are in use, in the order in which they were made.
WITH size AS (
  SELECT record, count(*) AS services FROM baseline_service NOT INDEXED GROUP BY record
)
SELECT b.record, b.name, b.host_name, b.first_seq, b.last_seq, b.snapshots, b.began_us, b.ended_us,
       b.least_share_percent, b.left_out, b.note, r.written_us, a.uid, a.user, a.login_user,
       coalesce((SELECT size.services FROM size WHERE size.record = b.record), 0),
       coalesce((SELECT sum(size.services) FROM baseline_acceptance AS c JOIN size ON size.record = c.record
                 WHERE c.baseline = b.record), 0)
FROM baseline AS b JOIN record AS r ON r.id = b.record JOIN author AS a ON a.record = b.record
WHERE NOT EXISTS (SELECT 1 FROM baseline_drop AS d WHERE d.baseline = b.record)
ORDER BY b.record
