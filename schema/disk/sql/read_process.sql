SELECT process.id, origin, pid, start_ns, parent, process.name, program, script, script_file, command_line,
       working_directory, real_uid, effective_uid, real_gid, effective_gid, login_uid, tty, process_group, session,
       cgroup, unit, process.container, capabilities, tracer, preload, flags, netns, mount_namespace, pid_namespace,
       user_namespace, exec_mark, title, container_facts, container.engine, container.name, image, project, service, pod,
       pod_namespace, pod_container
FROM process
LEFT JOIN container ON container.id = container_facts
WHERE process.id BETWEEN ?1 AND ?2
ORDER BY process.id
