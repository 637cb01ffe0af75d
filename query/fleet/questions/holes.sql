-- What hosts could not see, runs that gave no snapshot, and lines that were removed before they were sent.
-- param days number = 1: in so many days
-- param now time = now(): the time to look from
SELECT host, countIf(kind = 'snapshot') AS snapshots, countIf(kind = 'snapshot' AND gaps > 0) AS incomplete,
       arraySort(groupUniqArrayArray(gap_sources)) AS could_not_see, sumIf(runs, kind = 'missed') AS missed_runs,
       countIf(kind = 'pruned') AS pruned_untold, sumIf(ifNull(lines, 0), kind = 'removed') AS lines_removed
FROM sockwitness.snapshots FINAL
WHERE received_at > {now:DateTime} - {days:UInt32} * 86400
GROUP BY host
HAVING incomplete > 0 OR missed_runs > 0 OR pruned_untold > 0 OR lines_removed > 0
ORDER BY host
