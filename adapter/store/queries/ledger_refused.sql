SELECT batch, n, since_ms, number, client, kind, organization, practitioner, purpose, network, interaction, type, status,
    reason, token, address, request
FROM refused WHERE (batch, n) > (:batch, :n) ORDER BY batch, n LIMIT :page
