-- Every name that a user ever had, the latest last.
SELECT id, uid, name FROM user_name ORDER BY id
