-- Which socket it is within its boot: by its cookie, or without one by its inode.
SELECT origin, cookie, CASE WHEN cookie = 0 THEN inode ELSE 0 END
FROM socket
WHERE id = ?1
