DELETE FROM frame WHERE entity = ?1 AND seq <= ?2
