SELECT id, process, program FROM mapping WHERE id BETWEEN ?1 AND ?2 ORDER BY id
