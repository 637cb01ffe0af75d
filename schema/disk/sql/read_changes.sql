-- What ended after one snapshot, up to and including another.
SELECT seq, ended FROM change WHERE entity = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq
