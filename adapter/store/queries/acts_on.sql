-- Who wrote the versions of a record, in order; those from before there were such rows have none.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM version v CROSS JOIN act a ON a.first = (SELECT max(b.first) FROM act b WHERE b.first <= v.vid) AND a.last >= v.vid
WHERE v.type = :type AND v.id = :id AND v.rendering = 0 AND a.first > :first ORDER BY a.first LIMIT :page
