INSERT INTO author (record, uid, user, login_user) VALUES (?1, ?2, ?3, ?4)
