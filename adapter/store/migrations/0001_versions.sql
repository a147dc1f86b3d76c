-- Every version of every record, its index rows, its other names, and the lists that people work from.

-- One row for each version, deletions included. `t` is the logical time of its commit, `until_t` that of the version
-- after it (NULL: it is the newest). `updated` and `sort`, the natural date, are in ms; `present` has a bit for each
-- search parameter with a value. `body` is what is sent: the text with meta.versionId and lastUpdated spliced in at `cut`.
CREATE TABLE version (
    vid      INTEGER PRIMARY KEY,
    type     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    t        INTEGER NOT NULL,
    until_t  INTEGER,
    updated  INTEGER NOT NULL,
    deleted  INTEGER NOT NULL,
    sort     INTEGER NOT NULL,
    present  INTEGER NOT NULL,
    cut      INTEGER NOT NULL,
    map      TEXT,
    concept  TEXT,
    body     BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX version_key ON version (type, id, version);

-- A record has one newest version, a deletion included.
CREATE UNIQUE INDEX version_newest ON version (type, id) WHERE until_t IS NULL;

-- A type in the order in which it was written: `_sort=_lastUpdated`.
CREATE INDEX version_type ON version (type);

-- Tokens and references. The sort key stands in the row, so "newest first" is a range of it.
CREATE TABLE token (
    parameter INTEGER NOT NULL,
    value     TEXT    NOT NULL,
    sort      INTEGER NOT NULL,
    vid       INTEGER NOT NULL,
    from_t    INTEGER NOT NULL,
    until_t   INTEGER,
    PRIMARY KEY (parameter, value, sort, vid)
) STRICT, WITHOUT ROWID;

-- Dates as intervals [low, high) in ms.
CREATE TABLE moment (
    parameter INTEGER NOT NULL,
    sort      INTEGER NOT NULL,
    vid       INTEGER NOT NULL,
    low       INTEGER NOT NULL,
    high      INTEGER NOT NULL,
    from_t    INTEGER NOT NULL,
    until_t   INTEGER,
    PRIMARY KEY (parameter, sort, vid, low, high)
) STRICT, WITHOUT ROWID;

-- Versions whose index rows are kept until no page link needs them, in the order in which they were superseded: `at` in
-- ms never runs back while the logical time `until_t` goes on.
CREATE TABLE superseded (
    at      INTEGER NOT NULL,
    until_t INTEGER NOT NULL,
    vid     INTEGER NOT NULL,
    PRIMARY KEY (at, until_t, vid)
) STRICT, WITHOUT ROWID;

-- Identifiers that name one record.
CREATE TABLE alias (
    type   TEXT NOT NULL,
    system TEXT NOT NULL,
    value  TEXT NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (type, system, value)
) STRICT, WITHOUT ROWID;

-- References to records that are not there yet.
CREATE TABLE pending (
    target_type TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    type        TEXT NOT NULL,
    id          TEXT NOT NULL,
    path        TEXT NOT NULL,
    PRIMARY KEY (target_type, target_id, type, id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_source ON pending (type, id);

-- What the map could not read in the newest version (`vid`) of a record, and who deals with it; `since` in ms.
CREATE TABLE parked (
    patient    TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    owner      TEXT,
    resolution TEXT,
    since      INTEGER NOT NULL,
    vid        INTEGER NOT NULL,
    PRIMARY KEY (type, id, path, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_patient ON parked (patient);

-- Records whose newest version no concept claims, for each patient they are about ('' for none).
CREATE TABLE unmapped (
    patient TEXT NOT NULL,
    type    TEXT NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (patient, type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unmapped_record ON unmapped (type, id);

-- `index` (the hash of what is indexed), `horizon` (the oldest logical time that can still be searched), `secret` (a
-- digest of the key that derives ids) and `codes` (those that the maps read).
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
