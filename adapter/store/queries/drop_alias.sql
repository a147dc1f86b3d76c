DELETE FROM alias WHERE type = ? AND system = ? AND value = ? AND id = ?
