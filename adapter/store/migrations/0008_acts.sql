-- The person whom a token names beside `person`, as the client wrote it.
ALTER TABLE access_token ADD COLUMN person_name TEXT;

-- Medical emergencies, 42 CFR 2.51: whom `person` at a client may read from `opened_ms` until before `closed_ms`. An attempt
-- that came to nothing is closed when it is opened; `patient` is then '' where there is none. The ledger of disclosures
-- has all of them with their reasons.
CREATE TABLE emergency (
    id        TEXT    PRIMARY KEY,
    patient   TEXT    NOT NULL,
    client    TEXT    NOT NULL,
    person    TEXT    NOT NULL,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX emergency_person ON emergency (person, client, opened_ms);

-- Who wrote: one row for all versions of one request, `first` to `last` by their `vid`. `kind` is that of the client, or
-- `program` for its own commands and imports, or `open` for whoever reached a server without authorization. AuditEvents
-- and Provenances are made of these when they are asked for. Rows are added and never changed.
CREATE TABLE act (
    first        INTEGER PRIMARY KEY,
    last         INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    client       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    person       TEXT,
    token        TEXT    NOT NULL,
    purpose      TEXT    NOT NULL
) STRICT;

-- Whom they were about.
CREATE TABLE act_patient (
    patient TEXT    NOT NULL,
    first   INTEGER NOT NULL,
    PRIMARY KEY (patient, first)
) STRICT, WITHOUT ROWID;
