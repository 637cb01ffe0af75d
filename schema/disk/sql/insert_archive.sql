INSERT INTO archive (id, uuid, created_us) VALUES (1, ?1, ?2)
