INSERT INTO act (first, last, at_ms, client, kind, organization, person, token, purpose, network, request, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
