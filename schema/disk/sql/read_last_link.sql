SELECT record, leaves, advance, root, successor, head, signature FROM link ORDER BY record DESC LIMIT 1
