-- The records of some types that stand deleted at a time, by deletions since `:since` (ms) between two numbers; what a side of
-- them has lost alone is not one. What is about nobody was there before: nothing says to whom that was sent.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.type IN (SELECT x.value FROM json_each(:types) x) AND v.vid > :after AND v.vid <= :last AND v.deleted
  AND v.updated >= :since AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t)
  AND EXISTS (SELECT 1 FROM version w WHERE w.type = v.type AND w.id = v.id AND w.rendering = 0 AND w.deleted
    AND w.t <= :t AND (w.until_t IS NULL OR w.until_t > :t) LIMIT 1 OFFSET 0)
  AND (v.patients <> '' OR EXISTS (SELECT 1 FROM version o WHERE o.type = v.type AND o.id = v.id
    AND o.rendering = v.rendering AND o.updated < :since LIMIT 1 OFFSET 0))
  AND ({predicate})
ORDER BY v.vid
