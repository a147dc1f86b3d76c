-- A resource may say the same code twice.
INSERT INTO token (parameter, value, sort, vid, from_t) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
