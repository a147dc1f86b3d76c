UPDATE delivery SET state = 'sent' WHERE subscription = ? AND n = ?
