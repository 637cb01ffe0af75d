-- Which files processes ran, in the order in which they were seen.
SELECT id, program, script_file
FROM process
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
