DELETE FROM access_token WHERE client = :client
