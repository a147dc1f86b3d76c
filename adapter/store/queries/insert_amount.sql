INSERT INTO amount (parameter, sort, vid, code, low, high, unit, said, from_t) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
