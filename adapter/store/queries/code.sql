SELECT k.digest, k.client, k.redirect_uri, k.challenge, k.scopes, k.person, k.expires_ms, k.token
FROM authorization_code k
WHERE k.digest = :digest
