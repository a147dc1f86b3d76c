-- Whom what was written after a version is about: so many versions, the oldest first.
SELECT v.vid, v.patients FROM version v WHERE v.vid > :after AND v.rendering = 0 ORDER BY v.vid LIMIT :limit
