-- Connections, and sockets of unix and netlink that offer nothing: what else there is may be a service.
SELECT id, origin,
  CASE
    WHEN protocol IN (1, 2, 3, 9, 10, 12) THEN state NOT IN (10, 12, 14) AND remote_address IS NOT NULL
    WHEN protocol = 6 THEN state NOT IN (10, 12)
    ELSE protocol = 8
  END
FROM socket NOT INDEXED
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
