-- The latest begin, up to a time, of the snapshots up to one.
SELECT max(began_us) FROM snapshot NOT INDEXED WHERE seq <= ?1 AND began_us <= ?2
