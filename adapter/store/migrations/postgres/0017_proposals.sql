-- What `migrations/0018_proposals.sql` says of SQLite's table holds for this.
CREATE TABLE proposal (
    type     TEXT    NOT NULL COLLATE "C",
    id       TEXT    NOT NULL COLLATE "C",
    other    TEXT    NOT NULL COLLATE "C",
    document TEXT    NOT NULL COLLATE "C",
    said     TEXT,
    reason   TEXT,
    at_ms    BIGINT  NOT NULL,
    PRIMARY KEY (type, id, other)
);
CREATE INDEX proposal_waiting ON proposal (type, id) WHERE said IS NULL;
CREATE INDEX proposal_document ON proposal (document) WHERE said IS NULL;
