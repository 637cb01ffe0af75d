-- Blocks that had a row that is gone.
DELETE FROM digest WHERE facet = ?1 AND block <= ?2
