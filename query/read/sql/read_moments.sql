-- The clocks of snapshots, the context that tells boots apart, and the note.
SELECT seq, context, began_us, began_boot_ns, began_awake_ns, (SELECT bytes FROM text WHERE id = note)
FROM snapshot
WHERE seq BETWEEN ?1 AND ?2
ORDER BY seq
