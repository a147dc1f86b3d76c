-- As `migrations/0020_exports.sql`.
CREATE TABLE export (
    id      TEXT   COLLATE "C" PRIMARY KEY,
    client  TEXT   COLLATE "C" NOT NULL,
    place   TEXT   NOT NULL,
    asked   TEXT   NOT NULL,
    scopes  TEXT   NOT NULL,
    purpose TEXT   NOT NULL,
    person  TEXT,
    t       BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL,
    done    INTEGER NOT NULL,
    failure TEXT
);

CREATE INDEX export_client ON export (client);

CREATE TABLE export_file (
    export TEXT   COLLATE "C" NOT NULL,
    n      BIGINT NOT NULL,
    type   TEXT   COLLATE "C" NOT NULL,
    after  BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (export, n)
);
