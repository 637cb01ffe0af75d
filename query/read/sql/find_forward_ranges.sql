-- Ports that lead elsewhere with others beside them, or all of them: a port between the ends is in
-- no index.
SELECT s.id, s.origin, s.protocol, a.bytes, s.local_port, f.local_last, s.remote_address
FROM forward AS f
JOIN socket AS s ON s.id = f.socket
JOIN text AS a ON a.id = s.local_address
WHERE (f.local_last > 0 OR s.local_port = 0) AND f.socket <= ?1
