-- Which socket it is within its boot: by its cookie, or without one by its inode.
SELECT id, cookie, CASE WHEN cookie = 0 THEN inode ELSE 0 END FROM socket NOT INDEXED WHERE id BETWEEN ?1 AND ?2 ORDER BY id
