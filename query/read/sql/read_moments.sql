-- The clocks of snapshots, and the context that tells boots apart.
SELECT seq, context, began_us, began_boot_ns, began_awake_ns
FROM snapshot
WHERE seq BETWEEN ?1 AND ?2
ORDER BY seq
