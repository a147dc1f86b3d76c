-- As `migrations/0013_subscriptions.sql`.
ALTER TABLE client ADD COLUMN endpoints TEXT;

CREATE TABLE subscription (
    id           TEXT COLLATE "C" PRIMARY KEY,
    client       TEXT COLLATE "C" NOT NULL,
    scopes       TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    person       TEXT,
    topic        TEXT COLLATE "C" NOT NULL,
    patient      TEXT,
    episode      TEXT,
    referral     TEXT,
    endpoint     TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    heartbeat_ms BIGINT,
    timeout_ms   BIGINT NOT NULL,
    most         BIGINT NOT NULL,
    end_ms       BIGINT NOT NULL,
    body         TEXT    NOT NULL,
    made_ms      BIGINT NOT NULL,
    status       TEXT    NOT NULL,
    version      BIGINT NOT NULL,
    updated_ms   BIGINT NOT NULL,
    numbered     BIGINT NOT NULL,
    told_ms      BIGINT NOT NULL,
    failing_ms   BIGINT,
    failure      TEXT
);

CREATE INDEX subscription_topic ON subscription (topic, patient);
CREATE INDEX subscription_client ON subscription (client);

CREATE TABLE delivery (
    subscription TEXT COLLATE "C" NOT NULL,
    n            BIGINT NOT NULL,
    event        TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    t            BIGINT NOT NULL,
    at_ms        BIGINT NOT NULL,
    number       BIGINT,
    told         BIGINT NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL DEFAULT 'waiting',
    PRIMARY KEY (subscription, n)
);

CREATE INDEX delivery_of ON delivery (n);
CREATE INDEX delivery_waiting ON delivery (subscription, state, n);
