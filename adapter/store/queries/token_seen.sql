-- Whether a token, by the first characters of its digest, was given, or has written something.
SELECT 1 FROM access_token k WHERE substr(k.digest, 1, 16) = :token
UNION ALL
SELECT 1 FROM act a WHERE a.token = :token
LIMIT 1
