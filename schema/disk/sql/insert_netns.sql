INSERT INTO netns (id, origin, inode, label) VALUES (?1, ?2, ?3, ?4)
