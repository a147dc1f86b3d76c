-- What points to records that were not there, as the writer sees it.
SELECT p.target_type, p.target_id, p.type, p.id, p.path
FROM (VALUES (?, ?)) k CROSS JOIN pending p ON p.target_type = k.column1 AND p.target_id = k.column2
