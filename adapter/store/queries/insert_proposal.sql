INSERT INTO proposal (type, id, other, document, at_ms)
VALUES (?, ?, '', ?, ?) ON CONFLICT DO NOTHING
