-- First rows of the sockets of which a later version has no peer.
SELECT origin FROM socket NOT INDEXED WHERE id BETWEEN ?1 AND ?2 AND origin IS NOT NULL AND state = 12
