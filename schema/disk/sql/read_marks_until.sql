SELECT record, leaves, advance, root FROM link WHERE record <= ?1 ORDER BY record
