-- As `migrations/0016_attempts.sql`.
ALTER TABLE job ADD COLUMN lane TEXT COLLATE "C";
ALTER TABLE job ADD COLUMN failing_ms BIGINT;
UPDATE job SET failing_ms = (SELECT s.failing_ms FROM subscription s WHERE s.id = job.key) WHERE kind = 'notify';

CREATE INDEX job_failing ON job (kind, key) WHERE failing_ms IS NOT NULL;
DROP INDEX job_at;
CREATE INDEX job_at ON job (at_ms) WHERE lane IS NULL;
CREATE INDEX job_lane ON job (lane, at_ms, kind, key) WHERE lane IS NOT NULL;
CREATE INDEX job_held ON job (lane) WHERE holder IS NOT NULL AND lane IS NOT NULL;

ALTER TABLE partner ADD COLUMN every_minutes BIGINT;
ALTER TABLE partner ADD COLUMN followed BIGINT;
