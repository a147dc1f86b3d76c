-- As if it had never failed.
UPDATE job SET at_ms = CASE WHEN holder IS NULL THEN :now ELSE at_ms END, asked = asked + 1, attempts = 0, failure = NULL,
  failing_ms = NULL
WHERE kind = :kind AND key = :key
