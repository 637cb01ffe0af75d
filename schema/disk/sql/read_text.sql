SELECT bytes FROM text WHERE id = ?1
