-- The links of the snapshots of a range; NULL where one has none.
SELECT snapshot.record, link.head
FROM snapshot LEFT JOIN link ON link.record = snapshot.record
WHERE snapshot.seq BETWEEN ?1 AND ?2
ORDER BY snapshot.seq
