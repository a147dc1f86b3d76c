SELECT j.kind, j.key, j.payload, j.at_ms, j.asked, j.attempts, j.token, j.holder, j.failure, j.lane, j.failing_ms
FROM job j INDEXED BY job_lane WHERE j.lane = :lane ORDER BY j.at_ms, j.kind, j.key
