DELETE FROM delivery WHERE subscription = ?
