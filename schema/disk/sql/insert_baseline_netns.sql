INSERT INTO baseline_netns (record, netns) VALUES (?1, ?2)
