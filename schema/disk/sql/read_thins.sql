-- What was thinned, in the order in which it was done.
SELECT t.first_seq, t.last_seq, t.began_us, t.ended_us, t.step_us, t.snapshots, t.removed, t.policy, r.written_us, a.uid,
  a.user, a.login_user
FROM thin AS t JOIN record AS r ON r.id = t.record JOIN author AS a ON a.record = t.record
ORDER BY t.record
