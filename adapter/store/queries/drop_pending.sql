-- The source of the references has changed.
DELETE FROM pending WHERE type = ? AND id = ?
