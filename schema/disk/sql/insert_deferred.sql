INSERT INTO deferred (seq, reason) VALUES (?1, ?2)
