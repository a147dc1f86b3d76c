UPDATE job SET at_ms = :due, holder = NULL, failure = :failure, failing_ms = coalesce(failing_ms, :now)
WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
