UPDATE delivery SET told = 1 WHERE subscription = ? AND n = ?
