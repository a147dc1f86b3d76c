-- Every version of every record, its index rows, its other names, and the lists that people work from: what
-- `migrations/*.sql` say of SQLite's tables holds for these. Text is compared by its bytes, as SQLite does.

CREATE TABLE version (
    vid      BIGINT  PRIMARY KEY,
    type     TEXT    NOT NULL COLLATE "C",
    id       TEXT    NOT NULL COLLATE "C",
    version  INTEGER NOT NULL,
    t        BIGINT  NOT NULL,
    until_t  BIGINT,
    updated  BIGINT  NOT NULL,
    deleted  BOOLEAN NOT NULL,
    sort     BIGINT  NOT NULL,
    present  BIGINT  NOT NULL,
    cut      INTEGER NOT NULL,
    map      TEXT,
    concept  TEXT    COLLATE "C",
    patients TEXT    NOT NULL COLLATE "C",
    body     BYTEA   NOT NULL
) WITH (fillfactor = 90);

CREATE UNIQUE INDEX version_key ON version (type, id, version);
CREATE INDEX version_type ON version (type, vid);

-- Room in each page, so that ending a row's time changes no index.
CREATE TABLE token (
    parameter INTEGER NOT NULL,
    value     TEXT    NOT NULL COLLATE "C",
    sort      BIGINT  NOT NULL,
    vid       BIGINT  NOT NULL,
    from_t    BIGINT  NOT NULL,
    until_t   BIGINT,
    PRIMARY KEY (parameter, value, sort, vid)
) WITH (fillfactor = 90);

CREATE TABLE moment (
    parameter INTEGER NOT NULL,
    sort      BIGINT  NOT NULL,
    vid       BIGINT  NOT NULL,
    low       BIGINT  NOT NULL,
    high      BIGINT  NOT NULL,
    from_t    BIGINT  NOT NULL,
    until_t   BIGINT,
    PRIMARY KEY (parameter, sort, vid, low, high)
) WITH (fillfactor = 90);

CREATE TABLE amount (
    parameter INTEGER NOT NULL,
    sort      BIGINT  NOT NULL,
    vid       BIGINT  NOT NULL,
    code      TEXT    NOT NULL COLLATE "C",
    low       DOUBLE PRECISION NOT NULL,
    high      DOUBLE PRECISION NOT NULL,
    unit      TEXT    NOT NULL COLLATE "C",
    said      TEXT    NOT NULL COLLATE "C",
    from_t    BIGINT  NOT NULL,
    until_t   BIGINT,
    PRIMARY KEY (parameter, sort, vid, code, low, high, unit, said)
) WITH (fillfactor = 90);

CREATE TABLE superseded (
    at      BIGINT NOT NULL,
    until_t BIGINT NOT NULL,
    vid     BIGINT NOT NULL,
    PRIMARY KEY (at, until_t, vid)
);

CREATE TABLE alias (
    type   TEXT NOT NULL COLLATE "C",
    system TEXT NOT NULL COLLATE "C",
    value  TEXT NOT NULL COLLATE "C",
    id     TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (type, system, value)
);

CREATE TABLE pending (
    target_type TEXT NOT NULL COLLATE "C",
    target_id   TEXT NOT NULL COLLATE "C",
    type        TEXT NOT NULL COLLATE "C",
    id          TEXT NOT NULL COLLATE "C",
    path        TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (target_type, target_id, type, id, path)
);
CREATE INDEX pending_source ON pending (type, id);

CREATE TABLE parked (
    patient    TEXT   NOT NULL COLLATE "C",
    type       TEXT   NOT NULL COLLATE "C",
    id         TEXT   NOT NULL COLLATE "C",
    path       TEXT   NOT NULL COLLATE "C",
    reason     TEXT   NOT NULL COLLATE "C",
    owner      TEXT,
    resolution TEXT,
    since      BIGINT NOT NULL,
    vid        BIGINT NOT NULL,
    PRIMARY KEY (type, id, path, reason)
);
CREATE INDEX parked_patient ON parked (patient);

CREATE TABLE unmapped (
    patient TEXT NOT NULL COLLATE "C",
    type    TEXT NOT NULL COLLATE "C",
    id      TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (patient, type, id)
);
CREATE INDEX unmapped_record ON unmapped (type, id);

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY COLLATE "C",
    value TEXT NOT NULL
);

-- One row: the last logical time, version number and commit time (ms) used. Whoever writes holds the writers' lock while
-- it moves this on, so `t` grows in the order of the commits, whichever process makes them.
CREATE TABLE clock (
    t      BIGINT NOT NULL,
    vid    BIGINT NOT NULL,
    now_ms BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO clock (t, vid, now_ms) VALUES (0, 0, 0);
