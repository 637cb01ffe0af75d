SELECT name, program, script, script_file, command_line, uid, user, unit, container, manager
FROM baseline_owner
WHERE service = ?1
ORDER BY id
