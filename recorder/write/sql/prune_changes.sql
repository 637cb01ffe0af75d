-- Of the first that stays, too: with it all rows that are left begin.
DELETE FROM change WHERE entity = ?1 AND seq <= ?2
