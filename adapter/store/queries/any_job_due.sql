SELECT 1 FROM job j INDEXED BY job_at WHERE j.at_ms <= :now LIMIT 1
