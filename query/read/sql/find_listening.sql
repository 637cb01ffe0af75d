-- What waits for peers on ports, and its first version. The condition of the index, word for word.
SELECT id, origin
FROM socket INDEXED BY socket_listening
WHERE (state = 10 OR (state = 12 AND protocol IN (2, 3))) AND local_port BETWEEN ?1 AND ?2 AND id BETWEEN ?3 AND ?4
