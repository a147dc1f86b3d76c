-- What `migrations/0004_rules.sql` says of SQLite's tables holds for these.
ALTER TABLE version ADD COLUMN labels BIGINT NOT NULL DEFAULT 0;

CREATE TABLE permit (
    patient     TEXT    NOT NULL COLLATE "C",
    vid         BIGINT  NOT NULL,
    rule        INTEGER NOT NULL,
    effect      TEXT    NOT NULL COLLATE "C",
    consent     TEXT    NOT NULL COLLATE "C",
    recipient   TEXT    NOT NULL COLLATE "C",
    purpose     TEXT    NOT NULL COLLATE "C",
    type        TEXT    NOT NULL COLLATE "C",
    record      TEXT    NOT NULL COLLATE "C",
    labels      BIGINT  NOT NULL,
    data_from   BIGINT  NOT NULL,
    data_until  BIGINT  NOT NULL,
    valid_from  BIGINT  NOT NULL,
    valid_until BIGINT  NOT NULL,
    from_t      BIGINT  NOT NULL,
    PRIMARY KEY (patient, vid, rule)
);

CREATE TABLE tie (
    patient      TEXT    NOT NULL COLLATE "C",
    vid          BIGINT  NOT NULL,
    rule         INTEGER NOT NULL,
    bond         TEXT    NOT NULL COLLATE "C",
    organization TEXT    NOT NULL COLLATE "C",
    valid_from   BIGINT  NOT NULL,
    valid_until  BIGINT  NOT NULL,
    from_t       BIGINT  NOT NULL,
    PRIMARY KEY (patient, vid, rule)
);
