-- What may be claimed, the longest due first.
SELECT j.kind, j.key FROM job j INDEXED BY job_at
WHERE j.at_ms <= :now AND j.kind IN (SELECT k.value FROM json_each(:kinds) k)
ORDER BY j.at_ms LIMIT :most
