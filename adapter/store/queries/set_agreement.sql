INSERT INTO agreement (client, kind, agreement, from_ms, until_ms, reviewed)
VALUES (:client, :kind, :agreement, :from_ms, :until_ms, :reviewed)
ON CONFLICT (client, kind, agreement) DO UPDATE
SET from_ms = excluded.from_ms, until_ms = excluded.until_ms, reviewed = excluded.reviewed
