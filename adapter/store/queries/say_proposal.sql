-- What was said once of two records, or of a record, may be said otherwise later.
INSERT INTO proposal (type, id, other, document, said, reason, at_ms) VALUES (?, ?, ?, '', ?, ?, ?)
ON CONFLICT (type, id, other) DO UPDATE SET said = excluded.said, reason = excluded.reason
