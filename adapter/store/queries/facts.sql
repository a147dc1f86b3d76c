-- The newest version of a record, or of a rendering of it, without its body: what is asked about it.
SELECT v.type, v.id, v.patients, v.labels, v.sort, v.updated, v.addressees
FROM version v
WHERE v.vid = (SELECT w.vid FROM version w WHERE w.type = :type AND w.id = :id AND w.rendering = {rendering}
  ORDER BY w.version DESC LIMIT 1)
  AND ({predicate})
