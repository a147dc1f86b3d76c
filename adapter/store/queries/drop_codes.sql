DELETE FROM authorization_code WHERE expires_ms < :before
