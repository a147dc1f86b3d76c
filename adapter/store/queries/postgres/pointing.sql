-- As the other statement of this name; LATERAL and OFFSET keep the order in which the tables are read.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM (
  SELECT DISTINCT x.vid AS vid
  FROM json_each(:values) i
  CROSS JOIN LATERAL (
    SELECT y.vid FROM token y
    WHERE y.parameter = :number AND y.value = i.value AND y.from_t <= :t AND (y.until_t IS NULL OR y.until_t > :t) OFFSET 0
  ) x
) p CROSS JOIN version v ON v.vid = p.vid
WHERE ({predicate})
LIMIT :limit
