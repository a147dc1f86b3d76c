-- Whether a token was refused anything.
SELECT 1 FROM refused r WHERE r.token = ? LIMIT 1
