SELECT id, socket, process FROM holder NOT INDEXED WHERE id BETWEEN ?1 AND ?2 ORDER BY id
