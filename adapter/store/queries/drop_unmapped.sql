DELETE FROM unmapped WHERE type = ? AND id = ?
