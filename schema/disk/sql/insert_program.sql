INSERT INTO program (path, device, inode, size, mtime_ns, ctime_ns, state, sha256, verdict, package, package_version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
