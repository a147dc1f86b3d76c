-- How many live records there are in a stretch at a time.
SELECT count(*) FROM version v
WHERE v.type = :type AND v.vid > :after AND v.vid <= :last
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND ({predicate}) AND ({chosen})
