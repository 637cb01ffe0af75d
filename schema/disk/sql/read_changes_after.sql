-- How far the ids of one table had risen, snapshot by snapshot.
SELECT seq, last_id FROM change WHERE entity = ?1 AND seq > ?2 ORDER BY seq
