-- The chain of who wrote: what `migrations/*.sql` say of SQLite's tables holds for these.
ALTER TABLE act ADD COLUMN network TEXT;
ALTER TABLE act ADD COLUMN request TEXT;
ALTER TABLE act ADD COLUMN digest TEXT NOT NULL DEFAULT '';

-- The last version that was written before there was a chain: who wrote those behind it is in it.
INSERT INTO meta (name, value)
SELECT 'signed', CAST(m.vid AS TEXT) FROM (SELECT max(vid) AS vid FROM version) m WHERE m.vid IS NOT NULL;
