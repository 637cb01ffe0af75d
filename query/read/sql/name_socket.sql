-- Which socket it is within its boot, by its cookie, or without one by its inode; and whom it connects
-- with, which is no connection while it listens, is closed or has no peer.
SELECT
  origin,
  CAST(CASE WHEN cookie = 0 THEN 'inode ' || inode ELSE cookie END AS BLOB),
  CAST((state NOT IN (7, 10, 12, 13)) || ' ' || netns || ' ' || coalesce(local_address, 0) || ' ' || local_port
    || ' ' || coalesce(hex(remote_address), '') || ' ' || remote_port AS BLOB)
FROM socket
WHERE id = ?1 AND (cookie != 0 OR inode != 0)
