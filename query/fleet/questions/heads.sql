-- The newest head of every database: with --format JSONEachRow a file that `sockwitness verify --anchors` takes.
SELECT host, archive, newest AS seq, newest_record AS record, newest_head AS head
FROM
(
    SELECT host, archive, max(seq) AS newest, argMax(record, seq) AS newest_record, argMax(head, seq) AS newest_head
    FROM sockwitness.snapshots
    WHERE kind = 'snapshot' AND head IS NOT NULL
    GROUP BY host, archive
)
ORDER BY host, archive
