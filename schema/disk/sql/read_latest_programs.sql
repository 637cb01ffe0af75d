-- The files seen last, newest first.
SELECT id FROM program ORDER BY id DESC LIMIT ?1
