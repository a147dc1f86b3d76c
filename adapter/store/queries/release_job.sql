UPDATE job SET at_ms = :now, holder = NULL, attempts = attempts - 1
WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
