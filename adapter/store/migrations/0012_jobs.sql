-- Work that outlives the process that begins it: `kind` says who does it, `key` which it is. Times are in ms.
-- From `at_ms` on it may be claimed: when it is due or, while somebody holds it, when that lease ends. `token` grows with
-- every claim, `asked` with every request for it, `attempts` with every claim until one of them ends well.
CREATE TABLE job (
    kind     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    payload  TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    asked    INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    token    INTEGER NOT NULL,
    holder   TEXT,
    failure  TEXT,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_at ON job (at_ms);
