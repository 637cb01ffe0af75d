SELECT program FROM baseline_rpc WHERE service = ?1 ORDER BY program
