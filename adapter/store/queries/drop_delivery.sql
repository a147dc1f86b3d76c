DELETE FROM delivery WHERE subscription = ? AND n = ?
