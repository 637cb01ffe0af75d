-- The first of all snapshots that began later than one did.
SELECT min(seq) FROM snapshot NOT INDEXED WHERE began_us > (SELECT began_us FROM snapshot WHERE seq = ?1)
