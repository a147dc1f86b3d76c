-- Whether `jobs_due.sql` may find something.
WITH RECURSIVE lanes(lane) AS (
  SELECT min(f.lane) FROM job f WHERE f.lane IS NOT NULL
  UNION ALL
  SELECT (SELECT min(n.lane) FROM job n WHERE n.lane > l.lane) FROM lanes l WHERE l.lane IS NOT NULL
)
SELECT 1 FROM job j INDEXED BY job_at WHERE j.lane IS NULL AND j.at_ms <= :now
UNION ALL
SELECT 1 FROM lanes l
WHERE EXISTS (SELECT 1 FROM job d WHERE d.lane = l.lane AND d.at_ms <= :now)
  AND NOT EXISTS (SELECT 1 FROM job h WHERE h.lane = l.lane AND h.holder IS NOT NULL AND h.at_ms > :now)
LIMIT 1
