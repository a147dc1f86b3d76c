-- What was told of one patient, in order.
SELECT d.n, d.at_ms, d.client, d.kind, d.organization, d.practitioner, d.token, d.purpose, s.ground, d.interaction,
    d.request, s.patient, s.list, EXISTS (SELECT 1 FROM interrupted i WHERE i.n = d.n), d.query, d.network
FROM shown s
CROSS JOIN disclosure d ON d.n = s.n
WHERE s.patient = :patient AND s.n > :n AND s.n <= :until
ORDER BY s.n
LIMIT :page
