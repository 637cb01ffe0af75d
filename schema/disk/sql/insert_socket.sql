INSERT INTO socket (id, origin, netns, protocol, state, local_address, local_port, remote_address,
                    remote_port, cookie, inode, uid, no_holder)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
