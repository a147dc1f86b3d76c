-- The versions of all records of a type, newest first, as the other statement of this name; so that the index of types and
-- not that of all versions is walked, the order names the type.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM version v
WHERE v.type >= :type AND (v.type, v.vid) < (:type, :before) AND v.vid >= :first
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :over) AND ({predicate})
ORDER BY v.type DESC, v.vid DESC
LIMIT :limit
