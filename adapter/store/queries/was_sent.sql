SELECT 1 FROM sent WHERE type = ? AND id = ?
