SELECT id, bytes FROM text WHERE hash = ?1
