-- What `migrations/0006_renderings.sql` says of SQLite's tables holds for these.
ALTER TABLE version ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0;
ALTER TABLE version ADD COLUMN addressees TEXT COLLATE "C";
ALTER TABLE version ADD COLUMN own BIGINT NOT NULL DEFAULT 0;

DROP INDEX version_key;
CREATE UNIQUE INDEX version_key ON version (type, id, rendering, version);

CREATE TABLE mention (
    target_type TEXT NOT NULL COLLATE "C",
    target_id   TEXT NOT NULL COLLATE "C",
    type        TEXT NOT NULL COLLATE "C",
    id          TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (target_type, target_id, type, id)
);
