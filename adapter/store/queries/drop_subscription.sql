DELETE FROM subscription WHERE id = ?
