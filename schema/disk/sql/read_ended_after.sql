-- What ended after one snapshot, with the snapshot, up to and including another.
SELECT seq, ids FROM ended WHERE entity = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq
