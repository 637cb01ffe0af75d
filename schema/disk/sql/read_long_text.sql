SELECT length, sha256, head, tail FROM long_text WHERE text = ?1
