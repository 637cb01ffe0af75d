SELECT record, leaves, advance, root FROM link ORDER BY record
