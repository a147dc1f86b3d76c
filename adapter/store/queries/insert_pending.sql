INSERT OR IGNORE INTO pending (target_type, target_id, type, id, path) VALUES (?, ?, ?, ?, ?)
