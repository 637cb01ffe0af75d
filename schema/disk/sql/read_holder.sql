SELECT id, socket, process, fd FROM holder WHERE id BETWEEN ?1 AND ?2 ORDER BY id
