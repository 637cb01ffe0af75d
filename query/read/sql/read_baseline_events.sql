-- What was done to baselines, and the snapshot before it.
SELECT record.kind, record.written_us, baseline.name, own.note, own.thing, author.user,
  (SELECT seq FROM snapshot WHERE snapshot.record < record.id ORDER BY seq DESC LIMIT 1)
FROM (
  SELECT record, record AS baseline, note, NULL AS thing FROM baseline
  UNION ALL
  SELECT record, baseline, note, NULL FROM baseline_drop
  UNION ALL
  SELECT record, baseline, reason, thing FROM baseline_acceptance
) AS own
JOIN record ON record.id = own.record
JOIN baseline ON baseline.record = own.baseline
LEFT JOIN author ON author.record = own.record
ORDER BY record.id
