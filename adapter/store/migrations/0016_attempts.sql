-- `failing_ms`: since when a job fails, whatever its kind; `lane`: of the jobs that have the same, one is held at a time.
ALTER TABLE job ADD COLUMN lane TEXT;
ALTER TABLE job ADD COLUMN failing_ms INTEGER;
-- `subscription.failing_ms` is read no more: it said so of one kind.
UPDATE job SET failing_ms = (SELECT s.failing_ms FROM subscription s WHERE s.id = job.key) WHERE kind = 'notify';

CREATE INDEX job_failing ON job (kind, key) WHERE failing_ms IS NOT NULL;
DROP INDEX job_at;
CREATE INDEX job_at ON job (at_ms) WHERE lane IS NULL;
CREATE INDEX job_lane ON job (lane, at_ms, kind, key) WHERE lane IS NOT NULL;
CREATE INDEX job_held ON job (lane) WHERE holder IS NOT NULL AND lane IS NOT NULL;

-- How often a partner is pulled from, and the version up to which it was looked at what has changed here, to push it; NULL:
-- only when somebody asks.
ALTER TABLE partner ADD COLUMN every_minutes INTEGER;
ALTER TABLE partner ADD COLUMN followed INTEGER;
