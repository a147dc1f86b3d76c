-- What the clients of one organization wrote, in order.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM act a WHERE a.organization = :organization AND a.first > :first ORDER BY a.first LIMIT :page
