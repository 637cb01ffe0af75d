-- Later versions of sockets, also those that began after the span.
SELECT origin, id FROM socket INDEXED BY socket_by_origin WHERE origin IS NOT NULL AND origin BETWEEN ?1 AND ?2
