-- A version that is behind all acts, so that nobody has written it.
SELECT v.vid FROM version v WHERE v.rendering = 0 AND v.vid > ? ORDER BY v.vid LIMIT 1
