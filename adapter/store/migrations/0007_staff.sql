-- Who of the staff may log in, by which apps, and what proves it. Times are in ms; lists of words have blanks between.

-- Where an app may send people back to with a code; only clients of the kind staff have such addresses, and no keys.
ALTER TABLE client ADD COLUMN redirect_uris TEXT;

-- `practitioner` is the id of the Practitioner who somebody is in the records, `roles` the columns of staff.toml. Either
-- `password` (its argon2id hash) and `totp` (the secret of the one-time codes, encrypted by the deployment's key) prove
-- him, or an outside issuer by his `subject` there. `counter` is that of the last code that was accepted: each works once.
CREATE TABLE staff (
    name         TEXT    PRIMARY KEY,
    practitioner TEXT    NOT NULL UNIQUE,
    roles        TEXT    NOT NULL,
    password     TEXT,
    totp         TEXT,
    counter      INTEGER NOT NULL,
    issuer       TEXT,
    subject      TEXT,
    enabled      INTEGER NOT NULL,
    made_ms      INTEGER NOT NULL,
    UNIQUE (issuer, subject)
) STRICT, WITHOUT ROWID;

-- How often somebody has failed to log in under a name (its SHA-256, whether it is known or not), and until when nobody can.
CREATE TABLE attempt (
    name      TEXT    PRIMARY KEY,
    failures  INTEGER NOT NULL,
    locked_ms INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_last ON attempt (last_ms);

-- Authorization codes given out, by their SHA-256; `token` is the digest of the token that one was exchanged for.
CREATE TABLE authorization_code (
    digest       TEXT    PRIMARY KEY,
    client       TEXT    NOT NULL,
    redirect_uri TEXT    NOT NULL,
    challenge    TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    expires_ms   INTEGER NOT NULL,
    token        TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX authorization_code_end ON authorization_code (expires_ms);
