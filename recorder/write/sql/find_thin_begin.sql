-- The last snapshot that was thinned with this step, unless what held others was released since.
SELECT last_seq FROM thin
WHERE step_us = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE kind IN (4, 11) AND id > thin.record)
ORDER BY record DESC LIMIT 1
