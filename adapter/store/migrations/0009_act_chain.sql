-- The network address that a request that wrote came from, what its client calls it, and the digest of the row and of the
-- digest of the act before; '' for those from before there was a chain.
ALTER TABLE act ADD COLUMN network TEXT;
ALTER TABLE act ADD COLUMN request TEXT;
ALTER TABLE act ADD COLUMN digest TEXT NOT NULL DEFAULT '';

-- The last version that was written before there was a chain: who wrote those behind it is in it.
INSERT INTO meta (name, value)
SELECT 'signed', CAST(m.vid AS TEXT) FROM (SELECT max(vid) AS vid FROM version) m WHERE m.vid IS NOT NULL;
