-- What a filter can tell of a process by itself.
SELECT id, origin, pid, name, script, program, effective_uid, unit, container, netns, container_facts
FROM process
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
