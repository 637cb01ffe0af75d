-- What a digest takes from the processes of a block.
SELECT pid, name, script, program, script_file, effective_uid, unit, container
FROM process
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
