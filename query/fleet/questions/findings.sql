-- What rules found, gravest first: what began in the last days, or goes on.
-- param days number = 1: in so many days
-- param now time = now(): the time to look from
SELECT severity, rule, title, count() AS findings, countIf(state = 'open') AS open, uniqExact(host) AS hosts,
       arraySlice(arraySort(groupUniqArray(host)), 1, 10) AS which, min(first_seen) AS since
FROM sockwitness.findings FINAL
WHERE accepted = 0 AND (state = 'open' OR first_seen > {now:DateTime} - {days:UInt32} * 86400)
GROUP BY severity, rule, title
ORDER BY transform(severity, ['critical', 'high', 'medium', 'low', 'info'], [1, 2, 3, 4, 5], 6), rule, title
