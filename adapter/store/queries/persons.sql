-- The people who are here, by id; save whom only intake knows.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL
FROM version v
WHERE v.type = 'Patient' AND v.until_t IS NULL AND NOT v.deleted AND v.id > :after
  AND NOT EXISTS (SELECT 1 FROM sent n WHERE n.type = 'Patient' AND n.id = v.id AND n.staged = 1)
  AND ({predicate})
ORDER BY v.id LIMIT :limit
