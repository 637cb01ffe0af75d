-- Of the services in a stretch of ids, and of others between them.
SELECT service, name, program, script, script_file, command_line, uid, user, unit, container, manager
FROM baseline_owner NOT INDEXED
WHERE service BETWEEN ?1 AND ?2
ORDER BY id
