INSERT INTO process (id, origin, pid, start_ns, parent, name, program, script, script_file, command_line,
                     working_directory, real_uid, effective_uid, real_gid, effective_gid, login_uid, tty,
                     process_group, session, cgroup, unit, container, capabilities, tracer, preload, flags, netns,
                     mount_namespace, pid_namespace, user_namespace, exec_mark, title, container_facts)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
        ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)
