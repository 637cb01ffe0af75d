-- Namespaces with their labels. One that had none but its number, and was given a name soon after, is called by it: the
-- snapshot that saw it first could not read what its name rests on.
SELECT id, origin, inode,
  CASE WHEN (SELECT bytes FROM text WHERE text.id = early.label) = CAST('netns ' || early.inode AS BLOB) THEN coalesce(
    (SELECT late.label FROM netns AS late
     WHERE late.id BETWEEN early.id + 1 AND early.id + 256 AND late.origin = coalesce(early.origin, early.id)
     ORDER BY late.id LIMIT 1), early.label)
  ELSE early.label END
FROM netns AS early
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
