INSERT INTO digest (facet, block, content) VALUES (?1, ?2, ?3)
