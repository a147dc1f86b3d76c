INSERT INTO moment (parameter, sort, vid, low, high, from_t) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
