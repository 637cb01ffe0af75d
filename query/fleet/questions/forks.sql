-- Two heads for one snapshot: a history that was forked. Only what came in the last days is compared, with all there is.
-- param days number = 1: what came in so many days
-- param now time = now(): the time to look from
SELECT host, archive, seq, uniqExact(head) AS heads, arraySort(groupUniqArray(ifNull(head, ''))) AS which,
       min(received_at) AS first_received, max(received_at) AS last_received
FROM sockwitness.snapshots
WHERE kind = 'snapshot' AND (archive, seq) IN
(
    SELECT archive, seq
    FROM sockwitness.snapshots
    WHERE kind = 'snapshot' AND received_at > {now:DateTime} - {days:UInt32} * 86400
)
GROUP BY host, archive, seq
HAVING uniqExact(ifNull(head, '')) > 1
ORDER BY host, archive, seq
