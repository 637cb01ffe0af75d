-- Of the services in a range of ids, and of others between them.
SELECT owner.service, owner.name, program, script, script_file, command_line, uid, user, unit, owner.container, manager,
       container_facts, container.engine, container.name, image, project, container.service, pod, pod_namespace,
       pod_container
FROM baseline_owner AS owner NOT INDEXED
LEFT JOIN container ON container.id = container_facts
WHERE owner.service BETWEEN ?1 AND ?2
ORDER BY owner.id
