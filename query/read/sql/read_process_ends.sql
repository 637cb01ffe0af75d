-- How far the rows of processes had risen: with the snapshot before a range, and with each of it that added some.
SELECT seq, last_id FROM change
WHERE entity = 2 AND seq BETWEEN coalesce((SELECT max(seq) FROM change WHERE entity = 2 AND seq < ?1), ?1) AND ?2
ORDER BY seq
