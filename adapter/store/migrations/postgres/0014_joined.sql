-- As `migrations/0015_joined.sql`.
CREATE TABLE joined (
    loser    TEXT   NOT NULL PRIMARY KEY COLLATE "C",
    survivor TEXT   NOT NULL COLLATE "C",
    vid      BIGINT NOT NULL,
    at_ms    BIGINT NOT NULL
);
CREATE INDEX joined_survivor ON joined (survivor);
CREATE TABLE joined_record (
    loser   TEXT    NOT NULL COLLATE "C",
    type    TEXT    NOT NULL COLLATE "C",
    id      TEXT    NOT NULL COLLATE "C",
    version INTEGER NOT NULL,
    PRIMARY KEY (loser, type, id)
);
