-- The records that name one of these, with their labels, and what that one tells of itself.
SELECT m.type, m.id, r.labels, n.own
FROM (VALUES (?, ?)) k
CROSS JOIN mention m ON m.target_type = k.column1 AND m.target_id = k.column2
CROSS JOIN version n ON n.type = m.target_type AND n.id = m.target_id AND n.rendering = 0 AND n.until_t IS NULL
CROSS JOIN version r ON r.type = m.type AND r.id = m.id AND r.rendering = 0 AND r.until_t IS NULL
