INSERT INTO authorization_code (digest, client, redirect_uri, challenge, scopes, person, expires_ms)
VALUES (:digest, :client, :redirect_uri, :challenge, :scopes, :person, :expires_ms)
