INSERT INTO netns (id, first_seq, origin, inode, label) VALUES (?1, ?2, ?3, ?4, ?5)
