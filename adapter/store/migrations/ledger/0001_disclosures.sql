-- The ledger of disclosures (42 CFR 2.24, 2.25, 2.16(b)): what left, to whom, of whom. Rows are added, never changed.

-- One row for each answer that left; `n` counts up from 1 without gaps, in the order of the commits, and `at_ms` never
-- runs back. `ground` is what allowed it: a consent, or `qsoa`, `internal`. `query` is base64.
CREATE TABLE disclosure (
    n            INTEGER PRIMARY KEY,
    at_ms        INTEGER NOT NULL,
    client       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    practitioner TEXT,
    token        TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    ground       TEXT    NOT NULL,
    notice       TEXT,
    interaction  TEXT    NOT NULL,
    request      TEXT,
    query        TEXT
) STRICT;

-- All that one client, person or bearer of a token saw in some time, which is a range of `n`.
CREATE INDEX disclosure_client ON disclosure (client, n);
CREATE INDEX disclosure_token ON disclosure (token, n);
CREATE INDEX disclosure_practitioner ON disclosure (practitioner, n) WHERE practitioner IS NOT NULL;

-- One row for each patient it told of: under which ground, how many resources, and which: `Type/id/version`, by line.
CREATE TABLE shown (
    n         INTEGER NOT NULL,
    patient   TEXT    NOT NULL,
    ground    TEXT    NOT NULL,
    resources INTEGER NOT NULL,
    digest    TEXT    NOT NULL,
    list      TEXT    NOT NULL,
    PRIMARY KEY (n, patient)
) STRICT, WITHOUT ROWID;

-- All that was ever told of one patient.
CREATE INDEX shown_patient ON shown (patient, n);

-- What was committed together: `first` to `last` (one less than `first` for none), at `at_ms`. `digest` is that of the
-- batch before and of all rows of this one.
CREATE TABLE batch (
    number INTEGER PRIMARY KEY,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    digest TEXT    NOT NULL
) STRICT;

-- From a time to a range of `n`.
CREATE INDEX batch_time ON batch (at_ms, number);

-- The recipient went away before the end of the answer: heard of in which batch.
CREATE TABLE interrupted (
    batch INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (batch, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX interrupted_disclosure ON interrupted (n);
