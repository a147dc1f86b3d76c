SELECT j.kind, j.key, j.payload, j.at_ms, j.asked, j.attempts, j.token, j.holder, j.failure, j.lane, j.failing_ms
FROM job j WHERE j.kind = :kind AND j.key = :key
