INSERT INTO client (id, kind, organization, name, scopes, purposes, jwks, jwks_uri, enabled, made_ms)
VALUES (:id, :kind, :organization, :name, :scopes, :purposes, :jwks, :jwks_uri, 1, :made_ms)
ON CONFLICT (id) DO NOTHING
