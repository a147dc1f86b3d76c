-- What one client was told for one organization: so many disclosures, each with all its patients, or none.
SELECT d.n, d.at_ms, d.client, d.kind, d.organization, d.practitioner, d.token, d.purpose, s.ground, d.interaction,
    d.request, s.patient, s.list, EXISTS (SELECT 1 FROM interrupted i WHERE i.n = d.n), d.query, d.network
FROM (
    SELECT * FROM disclosure
    WHERE client = :client AND organization = :organization AND n > :n AND n <= :until
    ORDER BY n
    LIMIT :page
) d
LEFT JOIN shown s ON s.n = d.n
ORDER BY d.n, s.patient
