SELECT client, kind, agreement, from_ms, until_ms, reviewed FROM agreement WHERE client = :client
ORDER BY kind, agreement
