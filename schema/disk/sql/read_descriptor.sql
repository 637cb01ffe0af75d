SELECT id, process, fd, kind, device, inode, number, target
FROM descriptor
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
