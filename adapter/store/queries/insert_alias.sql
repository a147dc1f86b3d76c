INSERT INTO alias (type, system, value, id) VALUES (?, ?, ?, ?)
ON CONFLICT (type, system, value) DO UPDATE SET id = excluded.id
