-- The last version number and logical time used.
SELECT coalesce(max(vid), 0), coalesce(max(t), 0), coalesce(max(updated), 0) FROM version WHERE vid = (SELECT max(vid) FROM version)
