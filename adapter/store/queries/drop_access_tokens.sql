DELETE FROM access_token WHERE expires_ms < :before
