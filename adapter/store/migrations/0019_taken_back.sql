-- A label that a sender said of a record by mistake: from version `vid` on nobody says it who does not say it anew.
CREATE TABLE taken_back (
    type   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    vid    INTEGER NOT NULL,
    system TEXT    NOT NULL,
    code   TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    PRIMARY KEY (type, id, vid, system, code)
) STRICT, WITHOUT ROWID;

-- What was sent with such a label and did not say it anew: it was left out of `vid`, or `vid` stayed the newest version.
CREATE TABLE repeated_label (
    type   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    vid    INTEGER NOT NULL,
    system TEXT    NOT NULL,
    code   TEXT    NOT NULL,
    client TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (type, id, vid, system, code, client, kind)
) STRICT, WITHOUT ROWID;
