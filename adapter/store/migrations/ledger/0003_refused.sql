-- The address of the network that the request came from.
ALTER TABLE disclosure ADD COLUMN network TEXT;

-- What was refused: a row for all requests of a client from one address that were refused for one reason until it was
-- written down in `batch`, `number` of them since `since_ms`; `token`, `address` and `request` are those of the first.
-- `client` is '' where the token proved nobody. Nobody is told of these rows but privacy officers.
CREATE TABLE refused (
    batch        INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    since_ms     INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    client       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    practitioner TEXT,
    purpose      TEXT    NOT NULL,
    network      TEXT,
    interaction  TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    token        TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    request      TEXT,
    PRIMARY KEY (batch, n)
) STRICT, WITHOUT ROWID;
