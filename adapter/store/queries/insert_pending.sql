INSERT INTO pending (target_type, target_id, type, id, path) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
