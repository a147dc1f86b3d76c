-- What may be claimed, the longest due first; of a lane the first, unless another of it is held. Lanes are walked from one to
-- the next, so that what waits behind the first of a lane is not read.
WITH RECURSIVE lanes(lane) AS (
  SELECT min(f.lane) FROM job f WHERE f.lane IS NOT NULL
  UNION ALL
  SELECT (SELECT min(n.lane) FROM job n WHERE n.lane > l.lane) FROM lanes l WHERE l.lane IS NOT NULL
)
SELECT d.kind, d.key FROM (
  SELECT * FROM (
    SELECT j.kind, j.key, j.at_ms FROM job j INDEXED BY job_at
    WHERE j.lane IS NULL AND j.at_ms <= :now AND j.kind IN (SELECT k.value FROM json_each(:kinds) k)
    ORDER BY j.at_ms LIMIT :most
  ) free
  UNION ALL
  SELECT (SELECT a.kind FROM job a WHERE a.lane = l.lane AND a.at_ms <= :now ORDER BY a.at_ms, a.kind, a.key LIMIT 1),
         (SELECT b.key FROM job b WHERE b.lane = l.lane AND b.at_ms <= :now ORDER BY b.at_ms, b.kind, b.key LIMIT 1),
         (SELECT min(c.at_ms) FROM job c WHERE c.lane = l.lane AND c.at_ms <= :now)
  FROM lanes l
  WHERE NOT EXISTS (SELECT 1 FROM job h WHERE h.lane = l.lane AND h.holder IS NOT NULL AND h.at_ms > :now)
) d
WHERE d.kind IN (SELECT k.value FROM json_each(:kinds) k)
ORDER BY d.at_ms LIMIT :most
