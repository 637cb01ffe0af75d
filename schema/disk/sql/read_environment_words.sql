-- What is other than in the row before it, if there is one. The names are for people.
SELECT now.format IS NOT before.format AS "the format of the file changed",
  now.binary_sha256 IS NOT before.binary_sha256 AS "the recorder's program changed",
  now.recorder_version IS NOT before.recorder_version AS "the recorder's version changed",
  now.configuration_sha256 IS NOT before.configuration_sha256 AS "the settings that rows are written under changed",
  now.machine_id IS NOT before.machine_id AS "another host goes on with the file",
  now.host_name IS NOT before.host_name AS "the name of the host changed"
FROM environment AS now
JOIN environment AS before ON before.record = (SELECT max(record) FROM environment WHERE record < now.record)
WHERE now.record = ?1
