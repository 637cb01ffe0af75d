-- What was removed, in the order of removing.
SELECT p.first_seq, p.last_seq, p.began_us, p.ended_us, p.removed, p.policy, r.written_us, a.uid, a.user, a.login_user
FROM prune AS p JOIN record AS r ON r.id = p.record JOIN author AS a ON a.record = p.record
ORDER BY p.record
