SELECT id, origin, inode, label FROM netns WHERE id BETWEEN ?1 AND ?2 ORDER BY id
