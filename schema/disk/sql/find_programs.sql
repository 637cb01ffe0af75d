-- Candidates for a file: the caller compares every field.
SELECT id FROM program WHERE inode = ?1 ORDER BY id DESC
