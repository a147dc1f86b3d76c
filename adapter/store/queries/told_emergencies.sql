-- Accesses in a medical emergency, with the patient if one was found.
SELECT d.n, d.at_ms, d.client, d.organization, d.practitioner, d.token, d.purpose, d.query, s.patient
FROM disclosure d LEFT JOIN shown s ON s.n = d.n
WHERE d.interaction = '$emergency-access' AND d.n > :n
ORDER BY d.n
LIMIT :page
