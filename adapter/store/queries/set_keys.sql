UPDATE client SET jwks = :jwks, jwks_uri = :jwks_uri WHERE id = :id
