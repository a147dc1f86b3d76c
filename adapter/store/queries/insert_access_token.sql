INSERT INTO access_token (digest, client, scopes, purpose, person, person_name, issued_ms, expires_ms)
VALUES (:digest, :client, :scopes, :purpose, :person, :person_name, :issued_ms, :expires_ms)
