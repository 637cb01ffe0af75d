-- Sockets that are a later version of one, and how far its first row lies back.
SELECT id, id - origin FROM socket NOT INDEXED WHERE id BETWEEN ?1 AND ?2 AND origin IS NOT NULL ORDER BY id
