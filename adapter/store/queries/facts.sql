-- The newest version of a record, without its body: what is asked about it.
SELECT v.type, v.id, v.patients, v.labels, v.sort, v.updated
FROM version v
WHERE v.vid = (SELECT w.vid FROM version w WHERE w.type = :type AND w.id = :id ORDER BY w.version DESC LIMIT 1)
  AND ({predicate})
