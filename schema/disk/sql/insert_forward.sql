INSERT INTO forward (socket, local_last, remote_last, rule, target)
VALUES (?1, ?2, ?3, ?4, ?5)
