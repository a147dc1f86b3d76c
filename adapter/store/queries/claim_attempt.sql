-- One more attempt to log in under a name, counted before it is looked at; none while the name is locked. The one that
-- is one too many may succeed, and locks the name if it does not.
INSERT INTO attempt (name, failures, locked_ms, last_ms) VALUES (:name, 1, 0, :now)
ON CONFLICT (name) DO UPDATE SET
  failures = CASE WHEN attempt.locked_ms > 0 THEN 1 ELSE attempt.failures + 1 END,
  locked_ms = CASE WHEN attempt.locked_ms = 0 AND attempt.failures + 1 >= :most THEN :until ELSE 0 END,
  last_ms = :now
WHERE attempt.locked_ms <= :now
