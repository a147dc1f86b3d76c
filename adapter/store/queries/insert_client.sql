INSERT INTO client (id, kind, organization, name, scopes, purposes, jwks, jwks_uri, enabled, made_ms, redirect_uris,
  endpoints)
VALUES (:id, :kind, :organization, :name, :scopes, :purposes, :jwks, :jwks_uri, 1, :made_ms, :redirect_uris,
  :endpoints)
ON CONFLICT (id) DO NOTHING
