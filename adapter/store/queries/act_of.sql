-- Who wrote a version, if it was after there were such rows.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM act a WHERE a.first <= ? ORDER BY a.first DESC LIMIT 1
