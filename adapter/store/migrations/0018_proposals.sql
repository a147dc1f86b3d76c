-- What staff are asked about records, and what they said: of a record that a document or a referral brought (`other` '',
-- `document` the id of its DocumentReference, '' for none), of a declined referral's Task whose person is to be helped
-- elsewhere (`other` ''), and of two records that may be one (`id` before `other`). `said` NULL: it waits.
CREATE TABLE proposal (
    type     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    other    TEXT    NOT NULL,
    document TEXT    NOT NULL,
    said     TEXT,
    reason   TEXT,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (type, id, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_waiting ON proposal (type, id) WHERE said IS NULL;
CREATE INDEX proposal_document ON proposal (document) WHERE said IS NULL;
