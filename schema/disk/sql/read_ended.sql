-- What ended after one snapshot, up to and including another.
SELECT ids FROM ended WHERE entity = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq
