INSERT INTO descriptor (id, process, fd, kind, device, inode, number, target)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
