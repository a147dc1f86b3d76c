-- Since then, unless an attempt before this one failed too.
UPDATE job SET at_ms = :due, holder = NULL, failure = :failure,
  failing_ms = CASE WHEN attempts > 1 THEN coalesce(failing_ms, :now) ELSE :now END
WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
