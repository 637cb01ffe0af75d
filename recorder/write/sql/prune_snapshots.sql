-- Those before the first that stays.
DELETE FROM snapshot WHERE seq < ?1
