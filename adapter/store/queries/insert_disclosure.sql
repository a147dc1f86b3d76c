INSERT INTO disclosure (n, at_ms, client, kind, organization, practitioner, token, purpose, ground, notice, interaction, request, query, network)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
