-- The bytes that the remote addresses of blocks left: facets 3 and 4.
SELECT network.block, network.content, address.content
FROM digest AS network JOIN digest AS address ON address.facet = 4 AND address.block = network.block
WHERE network.facet = 3 AND network.block BETWEEN ?1 AND ?2
ORDER BY network.block
