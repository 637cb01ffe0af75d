INSERT INTO environment (record, format, schema_sha256, configuration_sha256, recorder_version, binary_sha256,
  binary_device, binary_inode, binary_size, binary_mtime_ns, binary_ctime_ns, machine_id, host_name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
