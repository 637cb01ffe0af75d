-- Which process it is within its boot.
SELECT id, pid, start_ns FROM process NOT INDEXED WHERE id BETWEEN ?1 AND ?2 ORDER BY id
