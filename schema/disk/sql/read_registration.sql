SELECT id, program, version, transport, address, owner
FROM registration
WHERE id BETWEEN ?1 AND ?2
ORDER BY id
