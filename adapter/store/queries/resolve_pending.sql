-- The target has arrived.
DELETE FROM pending WHERE target_type = ? AND target_id = ?
