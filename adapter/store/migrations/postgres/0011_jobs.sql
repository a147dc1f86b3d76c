-- As `migrations/0012_jobs.sql`.
CREATE TABLE job (
    kind     TEXT   COLLATE "C" NOT NULL,
    key      TEXT   COLLATE "C" NOT NULL,
    payload  TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL,
    asked    BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    token    BIGINT NOT NULL,
    holder   TEXT,
    failure  TEXT,
    PRIMARY KEY (kind, key)
);

CREATE INDEX job_at ON job (at_ms);
