INSERT INTO access_token (digest, client, scopes, purpose, person, issued_ms, expires_ms)
VALUES (:digest, :client, :scopes, :purpose, :person, :issued_ms, :expires_ms)
