-- The live records of a type at a time, in the order in which they were written: those behind `:after` up to `:last`.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
  NULL
FROM version v
WHERE v.type = :type AND v.vid > :after AND v.vid <= :last
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND ({predicate}) AND ({chosen})
ORDER BY v.type, v.vid
