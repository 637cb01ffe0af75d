SELECT id, origin, pid, start_ns, parent, name, program, script, script_file, command_line,
       working_directory, real_uid, effective_uid, real_gid, effective_gid, login_uid, tty, process_group, session,
       cgroup, unit, container, capabilities, tracer, preload, flags, netns, mount_namespace, pid_namespace,
       user_namespace, exec_mark, title
FROM process
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
