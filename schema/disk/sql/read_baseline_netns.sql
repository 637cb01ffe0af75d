SELECT netns FROM baseline_netns WHERE record = ?1 ORDER BY netns
