INSERT INTO baseline_service (record, netns, protocol, local_address, local_port, name, v6only, standing, no_holder,
                              first_seq, last_seq, snapshots, device, leads_to)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
