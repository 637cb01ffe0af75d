SELECT snapshot.seq, context, began_us, began_boot_ns, began_awake_ns, took_us, took_boot_ns, took_awake_ns,
       clock_synchronized, clock_max_error_us, clock_estimated_error_us, listening, connected, processes, gaps,
       cost_wall_us, cost_cpu_us, cost_peak_kib, deep_seq, note, deferred.reason
FROM snapshot LEFT JOIN deferred ON deferred.seq = snapshot.seq
WHERE snapshot.seq BETWEEN ?1 AND ?2
ORDER BY snapshot.seq
