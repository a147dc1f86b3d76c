-- How far a store has come that was read from a backup.
UPDATE clock SET vid = v.vid, t = v.t, now_ms = v.updated
FROM (SELECT vid, t, updated FROM version ORDER BY vid DESC LIMIT 1) v
