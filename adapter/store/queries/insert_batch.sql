INSERT INTO batch (number, first, last, at_ms, digest)
VALUES (?, ?, ?, ?, ?)
