-- Hosts that have not reported, or never did. The time of the engine counts, not that of the host.
-- param hours number = 1: for so many hours
-- param now time = now(): the time to look from
-- param role text = '': of this role only
SELECT host, newest_seq, taken, received, silent_hours
FROM
(
    SELECT host, max(seq) AS newest_seq, CAST(max(taken_at) AS Nullable(DateTime('UTC'))) AS taken,
           CAST(max(received_at) AS Nullable(DateTime('UTC'))) AS received,
           CAST(intDiv(toUInt32({now:DateTime}) - toUInt32(max(received_at)), 3600) AS Nullable(Int64)) AS silent_hours
    FROM sockwitness.snapshots
    WHERE kind = 'snapshot'
    GROUP BY host
    HAVING max(received_at) + {hours:UInt32} * 3600 <= {now:DateTime}
    UNION ALL
    SELECT host, toUInt32(0) AS newest_seq, CAST(NULL AS Nullable(DateTime('UTC'))) AS taken,
           CAST(NULL AS Nullable(DateTime('UTC'))) AS received, CAST(NULL AS Nullable(Int64)) AS silent_hours
    FROM sockwitness.roles FINAL
    WHERE host NOT IN (SELECT host FROM sockwitness.snapshots WHERE kind = 'snapshot')
)
WHERE {role:String} = '' OR host IN (SELECT host FROM sockwitness.roles FINAL WHERE role = {role:String})
ORDER BY host
