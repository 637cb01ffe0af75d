SELECT count(*) FROM socket
WHERE origin = ?1 AND id > ?2 AND id <= ?3 AND state = 12
