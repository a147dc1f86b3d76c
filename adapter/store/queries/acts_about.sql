-- Who wrote about a patient, in order.
SELECT a.first, a.last, a.at_ms, a.client, a.kind, a.organization, a.person, a.token, a.purpose,
    a.network, a.request, a.digest
FROM act_patient p CROSS JOIN act a ON a.first = p.first
WHERE p.patient = :patient AND p.first > :first ORDER BY p.first LIMIT :page
