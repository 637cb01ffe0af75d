-- The last block that was digested by one facet.
SELECT max(block) FROM digest WHERE facet = ?1
