SELECT n, at_ms, client, kind, organization, practitioner, token, purpose, ground, notice, interaction, request, query, network
FROM disclosure WHERE n > :n ORDER BY n LIMIT :page
