-- What a filter can tell of a socket by itself, of many rows; ?3 to ?4 and ?5 to ?6 keep those apart that no port or
-- IPv4 address of the filter can mean (NULL: any).
SELECT id, origin, netns, protocol, state, local_address, local_port, remote_address, remote_port, uid
FROM socket
WHERE id BETWEEN ?1 AND ?2
  AND (?3 IS NULL OR local_port BETWEEN ?3 AND ?4 OR remote_port BETWEEN ?3 AND ?4)
  AND (?5 IS NULL OR remote_address BETWEEN ?5 AND ?6 OR length(remote_address) = 16)
ORDER BY id
