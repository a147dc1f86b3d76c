-- Bulk data that a client has asked for: at `place` (`Group/ID`, `Patient`), at the logical time `t`; times are in ms.
-- `asked` says in JSON what of it, `scopes`, `purpose` and `person` are what it asked by. Nothing of a record is in it.
CREATE TABLE export (
    id      TEXT    PRIMARY KEY,
    client  TEXT    NOT NULL,
    place   TEXT    NOT NULL,
    asked   TEXT    NOT NULL,
    scopes  TEXT    NOT NULL,
    purpose TEXT    NOT NULL,
    person  TEXT,
    t       INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    done    INTEGER NOT NULL,
    failure TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX export_client ON export (client);

-- Its files: the records of a type between two numbers. What is in one is asked of the store each time it is fetched.
CREATE TABLE export_file (
    export TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    type   TEXT    NOT NULL,
    after  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (export, n)
) STRICT, WITHOUT ROWID;
