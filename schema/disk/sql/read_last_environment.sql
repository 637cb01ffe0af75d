SELECT record, format, schema_sha256, configuration_sha256, recorder_version, binary_sha256,
  binary_device, binary_inode, binary_size, binary_mtime_ns, binary_ctime_ns, machine_id, host_name
FROM environment ORDER BY record DESC LIMIT 1
