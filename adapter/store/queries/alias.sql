SELECT id FROM alias WHERE type = ? AND system = ? AND value = ?
