INSERT INTO client (id, kind, organization, name, scopes, purposes, jwks, jwks_uri, enabled, made_ms, redirect_uris)
VALUES (:id, :kind, :organization, :name, :scopes, :purposes, :jwks, :jwks_uri, 1, :made_ms, :redirect_uris)
ON CONFLICT (id) DO NOTHING
