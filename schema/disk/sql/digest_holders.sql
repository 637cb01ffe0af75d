-- What a digest takes from the holders of a block.
SELECT id, socket, process FROM holder WHERE id BETWEEN ?1 AND ?2 ORDER BY id
