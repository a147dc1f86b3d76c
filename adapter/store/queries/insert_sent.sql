INSERT INTO sent (type, id, organization, task, staged)
VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
