INSERT INTO assertion (client, jti, until_ms) VALUES (:client, :jti, :until_ms) ON CONFLICT (client, jti) DO NOTHING
