-- What was asked for since the claim is due at once.
UPDATE job SET at_ms = CASE WHEN asked = :asked THEN :due ELSE :now END, holder = NULL, attempts = 0, failure = :failure,
  failing_ms = CASE WHEN :lacks = 1 THEN coalesce(failing_ms, :now) END,
  payload = coalesce(CAST(:kept AS TEXT), payload)
WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
