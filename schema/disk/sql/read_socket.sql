SELECT s.id, s.origin, s.netns, s.protocol, s.state, s.local_address, s.local_port, s.remote_address,
       s.remote_port, s.cookie, s.inode, s.uid, s.no_holder,
       f.local_last, f.remote_last, f.rule, f.target,
       d.type, d.backlog, d.name, d.remote_name, d.peer, d.number, d.port_id, d.interface, d.interface_name, d.v6only,
       d.filter_length, d.filter_sha256, d.promiscuous
FROM socket AS s LEFT JOIN socket_detail AS d ON d.socket = s.id
     LEFT JOIN forward AS f ON s.state = 14 AND f.socket = s.id
WHERE s.id BETWEEN ?1 AND ?2
ORDER BY s.id
