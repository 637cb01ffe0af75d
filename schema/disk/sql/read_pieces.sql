SELECT piece.bytes
FROM text_run CROSS JOIN text AS piece ON piece.id BETWEEN first AND last
WHERE text_run.text = ?1
ORDER BY position, piece.id
