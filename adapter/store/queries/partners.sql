-- The partners, or the one of a name.
SELECT name, organization, base, client, key_file, scope, quirks, hosts, enabled = 1, made_ms, every_minutes, followed
FROM partner WHERE name = coalesce(CAST(:name AS TEXT), name) ORDER BY name
