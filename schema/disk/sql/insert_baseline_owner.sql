INSERT INTO baseline_owner (service, name, program, script, script_file, command_line, uid, user, unit, container,
                            manager, container_facts)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
