-- `ask_job.sql` for all whom a version is to be told.
UPDATE job SET asked = asked + 1,
  at_ms = CASE WHEN holder IS NULL AND attempts = 0 AND at_ms > :now THEN :now ELSE at_ms END
WHERE kind = :kind AND key IN (SELECT d.subscription FROM delivery d WHERE d.n = :n)
