-- Who talked to an address, by which program, and when.
-- param address address: IPv4 or IPv6
SELECT host, direction, protocol, port, program, netns, sum(connections) AS total_connections, count() AS hours,
       min(first_seen) AS since, max(last_seen) AS until
FROM sockwitness.peers FINAL
WHERE remote_address = {address:String}
GROUP BY host, direction, protocol, port, program, netns
ORDER BY host, direction, protocol, port, program, netns
