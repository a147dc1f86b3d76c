INSERT INTO repeated_label (type, id, vid, system, code, client, kind, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
