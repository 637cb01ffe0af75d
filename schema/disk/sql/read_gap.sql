SELECT id, source, reason, netns, pid, object, error_number, count
FROM gap
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
