-- How far the ids of one table had risen at the very snapshot that changed it, and at the one before that did.
SELECT last_id,
       coalesce((SELECT before.last_id FROM change AS before
                 WHERE before.entity = ?1 AND before.seq < ?2 ORDER BY before.seq DESC LIMIT 1), 0)
FROM change
WHERE entity = ?1 AND seq = ?2
