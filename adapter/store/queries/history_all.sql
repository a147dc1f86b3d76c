-- The versions of all records, newest first. `t` is the state seen, `over` the time by which a version that was no
-- longer current is left out.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.vid >= :first AND v.vid < :before
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :over) AND ({predicate})
ORDER BY v.vid DESC
LIMIT :limit
