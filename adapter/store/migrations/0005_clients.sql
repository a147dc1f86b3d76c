-- Who may ask, under which agreements, and what proves it. Lists of words have blanks between; times are in ms.

-- `scopes` are the most that a client may be granted, `purposes` what it may ask for, the first when it does not say.
-- `jwks` are its public keys, `jwks_uri` where else they are.
CREATE TABLE client (
    id           TEXT    PRIMARY KEY,
    kind         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    purposes     TEXT    NOT NULL,
    jwks         TEXT,
    jwks_uri     TEXT,
    enabled      INTEGER NOT NULL,
    made_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A contract with a client, from a time until before another (NULL: until it is ended).
CREATE TABLE agreement (
    client    TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    agreement TEXT    NOT NULL,
    from_ms   INTEGER NOT NULL,
    until_ms  INTEGER,
    PRIMARY KEY (client, kind, agreement)
) STRICT, WITHOUT ROWID;

-- Tokens given out, by their SHA-256: whoever reads the store cannot use them.
CREATE TABLE access_token (
    digest     TEXT    PRIMARY KEY,
    client     TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    person     TEXT,
    issued_ms  INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_token_end ON access_token (expires_ms);

-- Assertions that were used, until they would be refused for their age.
CREATE TABLE assertion (
    client   TEXT    NOT NULL,
    jti      TEXT    NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (client, jti)
) STRICT, WITHOUT ROWID;

CREATE INDEX assertion_end ON assertion (until_ms);
