SELECT client, kind, agreement, from_ms, until_ms FROM agreement WHERE client = :client ORDER BY kind, agreement
