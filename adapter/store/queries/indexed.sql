-- The versions after one that have a body, and whether each is the newest of its record, and which rendering of it, for rebuilding the index.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
  v.until_t IS NULL, v.rendering
FROM version v
WHERE v.vid > :after AND NOT v.deleted
ORDER BY v.vid LIMIT :limit
