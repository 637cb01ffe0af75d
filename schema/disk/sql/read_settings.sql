-- The latest value of each setting: SQLite takes the other columns from the row that has the maximum.
SELECT name, value, max(record) FROM setting GROUP BY name
