-- Who may ask, under which agreements, and what proves it: what `migrations/*.sql` say of SQLite's tables holds for these.

CREATE TABLE client (
    id           TEXT    COLLATE "C" PRIMARY KEY,
    kind         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    purposes     TEXT    NOT NULL,
    jwks         TEXT,
    jwks_uri     TEXT,
    enabled      BIGINT NOT NULL,
    made_ms      BIGINT NOT NULL
);

CREATE TABLE agreement (
    client    TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    agreement TEXT    NOT NULL,
    from_ms   BIGINT NOT NULL,
    until_ms  BIGINT,
    PRIMARY KEY (client, kind, agreement)
);

CREATE TABLE access_token (
    digest     TEXT    COLLATE "C" PRIMARY KEY,
    client     TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    person     TEXT,
    issued_ms  BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX access_token_end ON access_token (expires_ms);

CREATE TABLE assertion (
    client   TEXT    NOT NULL,
    jti      TEXT    NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (client, jti)
);

CREATE INDEX assertion_end ON assertion (until_ms);
