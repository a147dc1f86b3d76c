-- What a record is about, as a set of sensitivities (a bit for each label); 0: it was never labelled, and does not leave.
ALTER TABLE version ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;

-- What the consents in force say, of each patient's records: a row for each thing that the newest version (`vid`) of one
-- says; `rule` counts them. Times in ms; `from_t` is the logical time from which it is seen. Superseded ones are not kept:
-- what is seen must be permitted now, whatever was permitted when a page link was made.
CREATE TABLE permit (
    patient     TEXT    NOT NULL,
    vid         INTEGER NOT NULL,
    rule        INTEGER NOT NULL,
    effect      TEXT    NOT NULL,
    consent     TEXT    NOT NULL,
    recipient   TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    record      TEXT    NOT NULL,
    labels      INTEGER NOT NULL,
    data_from   INTEGER NOT NULL,
    data_until  INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    from_t      INTEGER NOT NULL,
    PRIMARY KEY (patient, vid, rule)
) STRICT, WITHOUT ROWID;

-- Which organizations treat a patient, or pay, as the newest versions of records say it.
CREATE TABLE tie (
    patient      TEXT    NOT NULL,
    vid          INTEGER NOT NULL,
    rule         INTEGER NOT NULL,
    bond         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    valid_from   INTEGER NOT NULL,
    valid_until  INTEGER NOT NULL,
    from_t       INTEGER NOT NULL,
    PRIMARY KEY (patient, vid, rule)
) STRICT, WITHOUT ROWID;
