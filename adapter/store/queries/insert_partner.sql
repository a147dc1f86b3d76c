INSERT INTO partner (name, organization, base, client, key_file, scope, quirks, hosts, enabled, made_ms)
VALUES (:name, :organization, :base, :client, :key_file, :scope, :quirks, :hosts, 1, :made_ms)
ON CONFLICT (name) DO NOTHING
