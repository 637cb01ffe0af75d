INSERT INTO context (boot_id, host_name, machine_id, kernel, recorder_version, ephemeral_first, ephemeral_last,
                     recorder_uid, recorder_capabilities, package_database_mtime_ns, every_us,
                     unprivileged_first, preload_file)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
