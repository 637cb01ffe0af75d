INSERT INTO registration (id, program, version, transport, address, owner)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
