-- How what listens is explained by each policy, on how many hosts, and since when the oldest of it listens.
-- param now time = now(): the time to look from
SELECT policy_hash AS policy, verdict AS status, count() AS services, uniqExact(host) AS hosts, min(first_seen) AS oldest,
       intDiv(toUInt32({now:DateTime}) - toUInt32(min(first_seen)), 86400) AS oldest_days
FROM
(
    SELECT host, ifNull(status, 'nobody was asked') AS verdict, first_seen
    FROM sockwitness.services FINAL
    WHERE state = 'open'
) AS listening
ALL INNER JOIN
(
    SELECT host, argMax(ifNull(policy, 'none'), seq) AS policy_hash
    FROM sockwitness.snapshots
    WHERE kind = 'snapshot'
    GROUP BY host
) AS policies USING (host)
GROUP BY policy_hash, verdict
ORDER BY policy_hash, verdict
