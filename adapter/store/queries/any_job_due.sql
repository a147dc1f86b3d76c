-- Whether `jobs_due.sql` may find something.
SELECT 1 FROM job j INDEXED BY job_at
WHERE j.at_ms <= :now
  AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM job h WHERE h.lane = j.lane AND h.holder IS NOT NULL AND h.at_ms > :now))
LIMIT 1
