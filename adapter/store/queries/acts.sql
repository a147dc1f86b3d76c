-- Who wrote, in order.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM act a WHERE a.first > :first ORDER BY a.first LIMIT :page
