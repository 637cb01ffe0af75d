-- One facet of blocks in a row.
SELECT block, content FROM digest WHERE facet = ?1 AND block BETWEEN ?2 AND ?3 ORDER BY block
