-- What a digest takes from the sockets of a block.
SELECT id, netns, protocol, state, local_address, local_port, remote_port, uid, remote_address
FROM socket
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
