-- What may be claimed, the longest due first; of a lane the first, unless another of it is held.
SELECT j.kind, j.key FROM job j INDEXED BY job_at
WHERE j.at_ms <= :now AND j.kind IN (SELECT k.value FROM json_each(:kinds) k)
  AND (j.lane IS NULL OR (
    NOT EXISTS (SELECT 1 FROM job h WHERE h.lane = j.lane AND h.holder IS NOT NULL AND h.at_ms > :now)
    AND NOT EXISTS (SELECT 1 FROM job e INDEXED BY job_lane
                    WHERE e.lane = j.lane AND e.at_ms <= :now AND (e.at_ms, e.kind, e.key) < (j.at_ms, j.kind, j.key))))
ORDER BY j.at_ms LIMIT :most
