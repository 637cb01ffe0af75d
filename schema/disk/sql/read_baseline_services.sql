-- Of a baseline and of what was accepted into it, with the acceptance; in the order of recording.
SELECT s.id, s.netns, s.protocol, s.local_address, s.local_port, s.name, s.v6only, s.standing, s.no_holder,
       s.first_seq, s.last_seq, s.snapshots, s.device, s.leads_to,
       c.reason, c.until_us, r.written_us, a.user, a.login_user
FROM baseline_service AS s
JOIN record AS r ON r.id = s.record
JOIN author AS a ON a.record = s.record
LEFT JOIN baseline_acceptance AS c ON c.record = s.record
WHERE s.record = ?1 OR c.baseline = ?1
ORDER BY s.id
