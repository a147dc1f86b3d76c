DELETE FROM access_token WHERE digest = :digest
