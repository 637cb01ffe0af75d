-- The last of some snapshots that began at a time.
SELECT max(seq) FROM snapshot NOT INDEXED WHERE seq <= ?1 AND began_us = ?2
