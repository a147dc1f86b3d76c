-- As `migrations/0019_taken_back.sql`.
CREATE TABLE taken_back (
    type   TEXT   NOT NULL COLLATE "C",
    id     TEXT   NOT NULL COLLATE "C",
    vid    BIGINT NOT NULL,
    system TEXT   NOT NULL COLLATE "C",
    code   TEXT   NOT NULL COLLATE "C",
    reason TEXT   NOT NULL,
    PRIMARY KEY (type, id, vid, system, code)
);
CREATE TABLE repeated_label (
    type   TEXT   NOT NULL COLLATE "C",
    id     TEXT   NOT NULL COLLATE "C",
    vid    BIGINT NOT NULL,
    system TEXT   NOT NULL COLLATE "C",
    code   TEXT   NOT NULL COLLATE "C",
    client TEXT   NOT NULL COLLATE "C",
    kind   TEXT   NOT NULL COLLATE "C",
    at_ms  BIGINT NOT NULL,
    PRIMARY KEY (type, id, vid, system, code, client, kind)
);
