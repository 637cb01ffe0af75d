-- Later versions of sockets, as the index has them.
SELECT origin, id FROM socket INDEXED BY socket_by_origin WHERE origin IS NOT NULL AND origin BETWEEN ?1 AND ?2
