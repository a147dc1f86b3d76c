-- The live records of a type at a time, in the order in which they were written: those behind `:after` up to `:last`.
SELECT {columns}
FROM version v
WHERE v.type = :type AND v.vid > :after AND v.vid <= :last
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND ({predicate}) AND ({chosen})
ORDER BY v.type, v.vid
