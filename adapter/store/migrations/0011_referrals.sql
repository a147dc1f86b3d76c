-- What somebody outside sent with a referral: which organization, with which referral (the id of its Task). What is `staged`
-- is for intake alone until it has said who the person is.
CREATE TABLE sent (
    type         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    staged       INTEGER NOT NULL,
    PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_with ON sent (task);

-- A referral that was sent, by what its sender calls it, so that sent twice it is one; `records` are the addresses of what was
-- made of its parts, a JSON array.
CREATE TABLE submission (
    organization TEXT    NOT NULL,
    called       TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    referral     TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    records      TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    PRIMARY KEY (organization, called)
) STRICT, WITHOUT ROWID;
