-- The live records of a type with these ids (`:ids`, a JSON list) at a time.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM json_each(:ids) i CROSS JOIN version v ON v.type = :type AND v.id = i.value
WHERE v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND ({predicate})
LIMIT :limit
