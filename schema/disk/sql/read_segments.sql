SELECT record, public_key, reason, known FROM key_segment ORDER BY record
