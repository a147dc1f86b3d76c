INSERT INTO mention (target_type, target_id, type, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
