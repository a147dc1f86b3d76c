-- What of a record one kind of recipient may see has versions of its own: 0 is the record itself.
ALTER TABLE version ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0;

-- The ids of the organizations that may see a rendering, with blanks between; NULL: it is not held to any.
ALTER TABLE version ADD COLUMN addressees TEXT;

-- The part of `labels` that the record's own versions give it; the others come from those that it names.
ALTER TABLE version ADD COLUMN own INTEGER NOT NULL DEFAULT 0;

DROP INDEX version_key;
CREATE UNIQUE INDEX version_key ON version (type, id, rendering, version);

-- Which records say more of another than where it is: what that one tells of, they tell of too.
CREATE TABLE mention (
    target_type TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    type        TEXT NOT NULL,
    id          TEXT NOT NULL,
    PRIMARY KEY (target_type, target_id, type, id)
) STRICT, WITHOUT ROWID;
