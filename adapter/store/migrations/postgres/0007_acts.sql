-- Medical emergencies: what `migrations/*.sql` say of SQLite's tables holds for these.
ALTER TABLE access_token ADD COLUMN person_name TEXT;

CREATE TABLE emergency (
    id        TEXT   COLLATE "C" PRIMARY KEY,
    patient   TEXT   NOT NULL COLLATE "C",
    client    TEXT   NOT NULL COLLATE "C",
    person    TEXT   NOT NULL COLLATE "C",
    opened_ms BIGINT NOT NULL,
    closed_ms BIGINT NOT NULL
);

CREATE INDEX emergency_person ON emergency (person, client, opened_ms);

CREATE TABLE act (
    first        BIGINT PRIMARY KEY,
    last         BIGINT NOT NULL,
    at_ms        BIGINT NOT NULL,
    client       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    person       TEXT,
    token        TEXT   NOT NULL,
    purpose      TEXT   NOT NULL
);

CREATE TABLE act_patient (
    patient TEXT   NOT NULL COLLATE "C",
    first   BIGINT NOT NULL,
    PRIMARY KEY (patient, first)
);
