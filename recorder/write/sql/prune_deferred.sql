DELETE FROM deferred WHERE seq < ?1
