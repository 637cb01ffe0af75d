-- The key frame of one table at or before a snapshot.
SELECT seq, last_id, ids FROM frame WHERE entity = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1
