INSERT INTO staff (name, practitioner, roles, password, totp, counter, issuer, subject, enabled, made_ms)
VALUES (:name, :practitioner, :roles, :password, :totp, :counter, :issuer, :subject, 1, :made_ms)
ON CONFLICT DO NOTHING
