INSERT INTO baseline_rpc (service, program) VALUES (?1, ?2)
