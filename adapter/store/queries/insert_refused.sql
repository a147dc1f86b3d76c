INSERT INTO refused (batch, n, since_ms, number, client, kind, organization, practitioner, purpose, network, interaction, type, status,
    reason, token, address, request)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
