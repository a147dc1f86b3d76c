-- Work that is held is done again afterwards; what has failed waits for its time.
INSERT INTO job (kind, key, payload, at_ms, asked, attempts, token, lane) VALUES (:kind, :key, :payload, :due, 0, 0, 0, :lane)
ON CONFLICT (kind, key) DO UPDATE SET
  payload = CASE WHEN :payload = '' THEN job.payload ELSE :payload END, asked = job.asked + 1,
  at_ms = CASE WHEN job.holder IS NULL AND job.attempts = 0 AND job.at_ms > :due THEN :due ELSE job.at_ms END
