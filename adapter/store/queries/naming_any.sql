-- All records that name another, with their labels, and what the other tells of itself, after the index was rebuilt.
SELECT m.type, m.id, r.labels, n.own
FROM mention m
JOIN version n ON n.type = m.target_type AND n.id = m.target_id AND n.rendering = 0 AND n.until_t IS NULL
JOIN version r ON r.type = m.type AND r.id = m.id AND r.rendering = 0 AND r.until_t IS NULL
