-- What the snapshots of a period say of themselves: how many are incomplete, how the clock stood.
SELECT count(*), coalesce(sum(gaps > 0), 0), coalesce(sum(clock_synchronized = 1), 0),
       coalesce(sum(clock_synchronized = 0), 0)
FROM snapshot
WHERE seq BETWEEN ?1 AND ?2
