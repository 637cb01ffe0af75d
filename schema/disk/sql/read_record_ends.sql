SELECT coalesce((SELECT min(id) FROM record), 0), coalesce((SELECT max(id) FROM record), 0),
  (SELECT min(seq) FROM snapshot), (SELECT max(seq) FROM snapshot)
