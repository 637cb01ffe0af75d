-- The first key frame of one table after a snapshot.
SELECT seq, last_id, ids FROM frame WHERE entity = ?1 AND seq > ?2 ORDER BY seq LIMIT 1
