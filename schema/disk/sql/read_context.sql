SELECT boot_id, host_name, machine_id, kernel, recorder_version, ephemeral_first, ephemeral_last, recorder_uid,
       recorder_capabilities, package_database_mtime_ns, every_us, unprivileged_first, preload_file
FROM context
WHERE id = ?1
