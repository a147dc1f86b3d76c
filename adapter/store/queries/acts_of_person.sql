-- What one of the staff wrote, in order; others are called by what their client calls them.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM act a WHERE a.person = :person AND a.kind IN ('staff', 'privacy-officer') AND a.first > :first ORDER BY a.first LIMIT :page
