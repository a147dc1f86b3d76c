-- Two records of one person: the Patient `loser` was joined into `survivor`; `vid` is the version that joining wrote of it.
CREATE TABLE joined (
    loser    TEXT    NOT NULL PRIMARY KEY,
    survivor TEXT    NOT NULL,
    vid      INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX joined_survivor ON joined (survivor);

-- What joining wrote, both Patients among them: its undoing puts back the version before `version`.
CREATE TABLE joined_record (
    loser   TEXT    NOT NULL,
    type    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (loser, type, id)
) STRICT, WITHOUT ROWID;
