-- One record and the live records that point to it at a time, in the order in which they were written. `:numbers` is a JSON list of
-- the parameters under which they hold `:value`, `:naturals` one of those that are natural dates: with `:dated`, what has such
-- a date must overlap [:start, :end).
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM (
    SELECT w.vid AS vid FROM version w WHERE w.type = :type AND w.id = :id
    UNION
    SELECT x.vid
    FROM json_each(:numbers) n
    CROSS JOIN token x ON x.parameter = CAST(n.value AS INTEGER) AND x.value = :value
) p CROSS JOIN version v ON v.vid = p.vid
WHERE v.vid > :after AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND v.updated >= :since
  AND (NOT :dated
    OR EXISTS (
      SELECT 1 FROM json_each(:naturals) n
      CROSS JOIN moment y ON y.parameter = CAST(n.value AS INTEGER) AND y.sort = v.sort AND y.vid = v.vid
      WHERE y.low < :end AND y.high > :start)
    OR NOT EXISTS (
      SELECT 1 FROM json_each(:naturals) n
      CROSS JOIN moment y ON y.parameter = CAST(n.value AS INTEGER) AND y.sort = v.sort AND y.vid = v.vid))
  AND ({predicate})
ORDER BY +v.vid
LIMIT :limit
