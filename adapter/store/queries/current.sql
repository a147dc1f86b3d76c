-- The newest version of a record, or of a rendering of it, as the writer sees it, inside its transaction.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.type = ? AND v.id = ? AND v.rendering = ?
ORDER BY v.version DESC LIMIT 1
