SELECT source, reason, netns, pid, object, error_number, count
FROM baseline_gap
WHERE record = ?1
ORDER BY id
