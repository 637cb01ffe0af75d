-- Which process it is within its boot; nothing else of it is told by its coming and going.
SELECT origin, CAST(pid || ' ' || start_ns AS BLOB), x''
FROM process
WHERE id = ?1
