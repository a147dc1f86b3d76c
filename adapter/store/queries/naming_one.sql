-- The records that name one.
SELECT m.type, m.id FROM mention m WHERE m.target_type = ? AND m.target_id = ?
