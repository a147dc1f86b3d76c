-- The live versions after one, for rebuilding the index.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.cut, v.body
FROM version v
WHERE v.vid > :after AND v.until_t IS NULL AND v.deleted = 0
ORDER BY v.vid LIMIT :limit
