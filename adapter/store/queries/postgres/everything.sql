-- As the other statement of this name; LATERAL and OFFSET keep the order in which the tables are read.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM (
    SELECT w.vid AS vid FROM version w WHERE w.type = :type AND w.id = :id
    UNION
    SELECT x.vid
    FROM json_each(:numbers) n
    CROSS JOIN LATERAL (
      SELECT y.vid FROM token y WHERE y.parameter = CAST(n.value AS INTEGER) AND y.value = :value OFFSET 0
    ) x
) p CROSS JOIN version v ON v.vid = p.vid
WHERE v.vid > :after AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND v.updated >= :since
  AND (NOT :dated
    OR EXISTS (
      SELECT 1 FROM json_each(:naturals) n
      CROSS JOIN LATERAL (
        SELECT m.low, m.high FROM moment m
        WHERE m.parameter = CAST(n.value AS INTEGER) AND m.sort = v.sort AND m.vid = v.vid OFFSET 0
      ) y
      WHERE y.low < :end AND y.high > :start)
    OR NOT EXISTS (
      SELECT 1 FROM json_each(:naturals) n
      CROSS JOIN LATERAL (
        SELECT m.low, m.high FROM moment m
        WHERE m.parameter = CAST(n.value AS INTEGER) AND m.sort = v.sort AND m.vid = v.vid OFFSET 0
      ) y))
  AND ({predicate})
ORDER BY +v.vid
LIMIT :limit
