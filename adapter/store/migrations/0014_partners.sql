-- Partners whose FHIR servers are asked and sent to, and which of their records is which of ours.

-- `client` is what this program is called there and `key_file` where its private key is, which is not in here. `hosts`
-- are names that may be reached beside that of `base`, with blanks between.
CREATE TABLE partner (
    name         TEXT    PRIMARY KEY,
    organization TEXT    NOT NULL,
    base         TEXT    NOT NULL,
    client       TEXT,
    key_file     TEXT,
    scope        TEXT    NOT NULL,
    quirks       TEXT    NOT NULL,
    hosts        TEXT    NOT NULL,
    enabled      INTEGER NOT NULL,
    made_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The record `type/remote` of a partner is ours of this `id`; `remote_version` and `version` are those that were last
-- brought together, 0 where they never were. `theirs`: whether it came from there.
CREATE TABLE partner_record (
    partner        TEXT    NOT NULL,
    type           TEXT    NOT NULL,
    remote         TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    remote_version TEXT,
    version        INTEGER NOT NULL,
    theirs         INTEGER NOT NULL,
    PRIMARY KEY (partner, type, remote)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX partner_record_ours ON partner_record (partner, type, id);

-- How far the records of a type were taken: an instant of the partner's clock.
CREATE TABLE partner_mark (
    partner TEXT NOT NULL,
    type    TEXT NOT NULL,
    mark    TEXT NOT NULL,
    PRIMARY KEY (partner, type)
) STRICT, WITHOUT ROWID;
