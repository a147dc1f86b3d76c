-- The ledger of disclosures, in a schema of its own: what `migrations/ledger/*.sql` say of SQLite's tables holds for
-- these. Text is compared by its bytes, as SQLite does.

CREATE TABLE disclosure (
    n            BIGINT PRIMARY KEY,
    at_ms        BIGINT NOT NULL,
    client       TEXT   NOT NULL COLLATE "C",
    kind         TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    practitioner TEXT   COLLATE "C",
    token        TEXT   NOT NULL COLLATE "C",
    purpose      TEXT   NOT NULL,
    ground       TEXT   NOT NULL,
    notice       TEXT,
    interaction  TEXT   NOT NULL,
    request      TEXT,
    query        TEXT
);
CREATE INDEX disclosure_client ON disclosure (client, n);
CREATE INDEX disclosure_token ON disclosure (token, n);
CREATE INDEX disclosure_practitioner ON disclosure (practitioner, n) WHERE practitioner IS NOT NULL;

CREATE TABLE shown (
    n         BIGINT NOT NULL,
    patient   TEXT   NOT NULL COLLATE "C",
    ground    TEXT   NOT NULL,
    resources BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    list      TEXT   NOT NULL,
    PRIMARY KEY (n, patient)
);
CREATE INDEX shown_patient ON shown (patient, n);

CREATE TABLE batch (
    number BIGINT PRIMARY KEY,
    first  BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    at_ms  BIGINT NOT NULL,
    digest TEXT   NOT NULL
);
CREATE INDEX batch_time ON batch (at_ms, number);

CREATE TABLE interrupted (
    batch BIGINT NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (batch, n)
);
CREATE INDEX interrupted_disclosure ON interrupted (n);
