-- A part of the chain, with what stands elsewhere of each record.
SELECT link.record, link.leaves, link.advance, link.root, link.successor, link.head, link.signature,
  record.kind, record.written_us,
  key_segment.record, key_segment.public_key, key_segment.reason, key_segment.known,
  environment.record
FROM link
LEFT JOIN record ON record.id = link.record
LEFT JOIN key_segment ON key_segment.record = link.record
LEFT JOIN environment ON environment.record = link.record
WHERE link.record > ?1
ORDER BY link.record
LIMIT ?2
