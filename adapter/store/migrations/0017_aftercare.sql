-- Referrals out of the program that are sent to partners, each by the Task that follows it. Times are in ms.

-- `person` is what the partner's Task says that it is for; `unsent` are the addresses of what was asked for and not sent
-- for want of a consent, `unheard` what the partner says of the Task that could not be written here, a line for each.
CREATE TABLE aftercare (
    task     TEXT    PRIMARY KEY,
    referral TEXT    NOT NULL,
    partner  TEXT    NOT NULL,
    asked_ms INTEGER NOT NULL,
    sent_ms  INTEGER,
    person   TEXT,
    unsent   TEXT    NOT NULL,
    unheard  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
