-- How far the ids of one table had risen at a snapshot.
SELECT last_id FROM change WHERE entity = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1
