-- Snapshots that could be thinned, and why they may not: another context, a note.
SELECT seq, began_us, context, record, note FROM snapshot WHERE seq >= ?1 ORDER BY seq
