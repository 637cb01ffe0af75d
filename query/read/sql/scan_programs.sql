-- Program files whose path led to another file, too.
SELECT id, path, device, inode, size, mtime_ns, state, sha256
FROM program
WHERE state = 1 AND path IN (SELECT path FROM program WHERE state = 1 GROUP BY path, device HAVING count(*) > 1)
ORDER BY id
