-- The snapshot that a row began with, and the last row that began with it.
SELECT seq, last_id FROM change WHERE entity = ?1 AND last_id >= ?2 ORDER BY last_id, seq LIMIT 1
