INSERT INTO agreement (client, kind, agreement, from_ms, until_ms)
VALUES (:client, :kind, :agreement, :from_ms, :until_ms)
ON CONFLICT (client, kind, agreement) DO UPDATE SET from_ms = excluded.from_ms, until_ms = excluded.until_ms
