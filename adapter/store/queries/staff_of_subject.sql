SELECT s.name, s.practitioner, s.roles, s.password, s.totp, s.counter, s.issuer, s.subject, s.enabled = 1, s.made_ms
FROM staff s
WHERE s.issuer = :issuer AND s.subject = :subject
