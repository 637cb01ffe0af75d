-- The files seen last, newest first.
SELECT path, device, inode, size, mtime_ns, ctime_ns, state, sha256, verdict, package, package_version
FROM program
ORDER BY id DESC
LIMIT ?1
