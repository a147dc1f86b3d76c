-- Those of these kinds that fail, be they tried again or given up, behind one of them.
SELECT j.kind, j.key, j.payload, j.at_ms, j.asked, j.attempts, j.token, j.holder, j.failure, j.lane, j.failing_ms
FROM job j INDEXED BY job_failing
WHERE j.failing_ms IS NOT NULL AND (j.kind, j.key) > (:kind, :key) AND j.kind IN (SELECT k.value FROM json_each(:kinds) k)
ORDER BY j.kind, j.key LIMIT :limit
