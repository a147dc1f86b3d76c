-- As `renew_job.sql`, for those of a lane that did not end well.
UPDATE job SET at_ms = :now, asked = asked + 1, attempts = 0, failure = NULL, failing_ms = NULL
WHERE lane = :lane AND holder IS NULL AND failure IS NOT NULL
