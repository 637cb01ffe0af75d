-- Ports that lead elsewhere with others beside them, and their first version: a port between the ends is in no index.
SELECT s.id, s.origin
FROM forward AS f JOIN socket AS s ON s.id = f.socket
WHERE f.local_last > 0 AND f.socket <= ?1
