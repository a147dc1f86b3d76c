-- The accounts, or the one of a name.
SELECT s.name, s.practitioner, s.roles, s.password, s.totp, s.counter, s.issuer, s.subject, s.enabled = 1, s.made_ms
FROM staff s
WHERE s.name = coalesce(CAST(:name AS TEXT), s.name)
ORDER BY s.name
