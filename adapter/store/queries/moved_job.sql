-- As if this were the first attempt.
UPDATE job SET attempts = 1, failure = NULL, failing_ms = NULL
WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
