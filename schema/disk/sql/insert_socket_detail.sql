INSERT INTO socket_detail (socket, type, backlog, name, remote_name, peer, number, port_id, interface, interface_name,
                           v6only, filter_length, filter_sha256, promiscuous)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
