-- Where the program's clients may be told of what happens: addresses with blanks between.
ALTER TABLE client ADD COLUMN endpoints TEXT;

-- Who wants to be told of what, and where; times are in ms. `scopes`, `purpose` and `person` are what its client asked by.
-- `patient`, `episode` and `referral` are ids by which it is narrowed. `numbered` is the number of its last event, `told_ms`
-- when it was last told anything, `failing_ms` since when that fails. `body` is the resource as it was sent.
CREATE TABLE subscription (
    id           TEXT    PRIMARY KEY,
    client       TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    person       TEXT,
    topic        TEXT    NOT NULL,
    patient      TEXT,
    episode      TEXT,
    referral     TEXT,
    endpoint     TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    heartbeat_ms INTEGER,
    timeout_ms   INTEGER NOT NULL,
    most         INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL,
    status       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    updated_ms   INTEGER NOT NULL,
    numbered     INTEGER NOT NULL,
    told_ms      INTEGER NOT NULL,
    failing_ms   INTEGER,
    failure      TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_topic ON subscription (topic, patient);
CREATE INDEX subscription_client ON subscription (client);

-- What each is to be told of: a version `n` of a record of a `type`, at the logical time `t`. `number` is the event's among
-- those of its subscription, once it is known that the client may see it; `told` says that it was told another way.
CREATE TABLE delivery (
    subscription TEXT    NOT NULL,
    n            INTEGER NOT NULL,
    event        TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    t            INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    number       INTEGER,
    told         INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL DEFAULT 'waiting',
    PRIMARY KEY (subscription, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_of ON delivery (n);
CREATE INDEX delivery_waiting ON delivery (subscription, state, n);
