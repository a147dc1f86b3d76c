-- The newest version of a record, or of a rendering of it, without its body: what is asked about it.
SELECT v.type, v.id, v.patients, v.labels, v.sort, v.updated, v.addressees,
  EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.staged = 1)
FROM version v
WHERE v.vid {newest}
  AND ({predicate})
