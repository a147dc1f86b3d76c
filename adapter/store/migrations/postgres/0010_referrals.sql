-- What `migrations/0011_referrals.sql` says of SQLite's tables holds for these.
CREATE TABLE sent (
    type         TEXT    NOT NULL COLLATE "C",
    id           TEXT    NOT NULL COLLATE "C",
    organization TEXT    NOT NULL COLLATE "C",
    task         TEXT    NOT NULL COLLATE "C",
    staged       INTEGER NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE INDEX sent_with ON sent (task);

CREATE TABLE submission (
    organization TEXT    NOT NULL COLLATE "C",
    called       TEXT    NOT NULL COLLATE "C",
    digest       TEXT    NOT NULL,
    referral     TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    records      TEXT    NOT NULL,
    at_ms        BIGINT  NOT NULL,
    PRIMARY KEY (organization, called)
);
