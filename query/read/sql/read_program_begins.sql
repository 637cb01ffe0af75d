-- Which files processes run, by the rows of processes that began with a snapshot.
SELECT process.id, process.program, process.script_file
FROM process
WHERE process.id > ?1 AND process.id <= ?2
ORDER BY process.id
