-- Who of the staff may log in, and what proves it: what `migrations/*.sql` say of SQLite's tables holds for these.

ALTER TABLE client ADD COLUMN redirect_uris TEXT;

CREATE TABLE staff (
    name         TEXT    COLLATE "C" PRIMARY KEY,
    practitioner TEXT    NOT NULL UNIQUE,
    roles        TEXT    NOT NULL,
    password     TEXT,
    totp         TEXT,
    counter      BIGINT  NOT NULL,
    issuer       TEXT,
    subject      TEXT,
    enabled      BIGINT  NOT NULL,
    made_ms      BIGINT  NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE TABLE attempt (
    name      TEXT    COLLATE "C" PRIMARY KEY,
    failures  BIGINT  NOT NULL,
    locked_ms BIGINT  NOT NULL,
    last_ms   BIGINT  NOT NULL
);

CREATE INDEX attempt_last ON attempt (last_ms);

CREATE TABLE authorization_code (
    digest       TEXT    COLLATE "C" PRIMARY KEY,
    client       TEXT    NOT NULL,
    redirect_uri TEXT    NOT NULL,
    challenge    TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    expires_ms   BIGINT  NOT NULL,
    token        TEXT
);

CREATE INDEX authorization_code_end ON authorization_code (expires_ms);
