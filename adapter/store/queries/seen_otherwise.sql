-- The newest versions of records of these types (`:types`, blanks around each), for making what others see of them anew.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.vid > :after AND v.rendering = 0 AND v.until_t IS NULL AND instr(:types, ' ' || v.type || ' ') > 0
ORDER BY v.vid LIMIT :limit
