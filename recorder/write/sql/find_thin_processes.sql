SELECT origin, id FROM process INDEXED BY process_by_origin WHERE origin IS NOT NULL AND origin BETWEEN ?1 AND ?2
