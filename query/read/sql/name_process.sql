-- Which process it is within its boot.
SELECT origin, pid, start_ns
FROM process
WHERE id = ?1
