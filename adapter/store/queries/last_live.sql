-- The newest version of a record that is no deletion.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.type = ? AND v.id = ? AND v.rendering = 0 AND NOT v.deleted
ORDER BY v.version DESC LIMIT 1
