-- The live records that have one of these values (`:values`, a JSON list) under a parameter at a time.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM (
  SELECT DISTINCT x.vid AS vid
  FROM json_each(:values) i
  CROSS JOIN token x
    ON x.parameter = :number AND x.value = i.value AND x.from_t <= :t AND (x.until_t IS NULL OR x.until_t > :t)
) p CROSS JOIN version v ON v.vid = p.vid
WHERE ({predicate})
LIMIT :limit
