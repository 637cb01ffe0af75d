INSERT INTO snapshot (seq, record, context, began_us, began_boot_ns, began_awake_ns, took_us, took_boot_ns,
                      took_awake_ns, clock_synchronized, clock_max_error_us, clock_estimated_error_us, listening,
                      connected, processes, gaps, cost_wall_us, cost_cpu_us, cost_peak_kib, deep_seq, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
