-- Refusals, permissions and exceptions of a patient lie apart: of each record is asked whether there is one of a kind.
CREATE TABLE permit_by_effect (
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
    PRIMARY KEY (patient, effect, vid, rule)
) STRICT, WITHOUT ROWID;
INSERT INTO permit_by_effect SELECT * FROM permit;
DROP TABLE permit;
ALTER TABLE permit_by_effect RENAME TO permit;
