SELECT DISTINCT container_facts
FROM process NOT INDEXED
WHERE id BETWEEN ?1 AND ?2 AND container_facts IS NOT NULL
