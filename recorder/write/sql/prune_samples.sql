DELETE FROM sample WHERE seq < ?1
