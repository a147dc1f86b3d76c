-- What was refused: what `migrations/ledger/*.sql` say of SQLite's tables holds for these.
ALTER TABLE disclosure ADD COLUMN network TEXT;

CREATE TABLE refused (
    batch        BIGINT NOT NULL,
    n            BIGINT NOT NULL,
    since_ms     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    client       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    practitioner TEXT,
    purpose      TEXT   NOT NULL,
    network      TEXT,
    interaction  TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    status       BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    token        TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    request      TEXT,
    PRIMARY KEY (batch, n)
);
