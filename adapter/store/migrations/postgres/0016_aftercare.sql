-- As `migrations/0017_aftercare.sql`.

CREATE TABLE aftercare (
    task     TEXT   COLLATE "C" PRIMARY KEY,
    referral TEXT   NOT NULL,
    partner  TEXT   NOT NULL,
    asked_ms BIGINT NOT NULL,
    sent_ms  BIGINT,
    person   TEXT,
    unsent   TEXT   NOT NULL,
    unheard  TEXT   NOT NULL
);
