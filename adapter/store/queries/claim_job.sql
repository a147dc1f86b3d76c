UPDATE job SET at_ms = :until, holder = :holder, token = token + 1, attempts = attempts + 1
WHERE kind = :kind AND key = :key
