-- What waits for peers on ports: the condition of the index socket_listening.
SELECT id, local_port
FROM socket NOT INDEXED
WHERE id BETWEEN ?1 AND ?2 AND (state = 10 OR (state = 12 AND protocol IN (2, 3)))
ORDER BY id
