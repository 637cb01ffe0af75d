-- One file.
SELECT path, device, inode, size, mtime_ns, ctime_ns, state, sha256, verdict, package, package_version
FROM program
WHERE id = ?1
