UPDATE authorization_code SET token = :token WHERE digest = :digest AND token IS NULL
