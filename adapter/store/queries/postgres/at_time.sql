-- As the other statement of this name; LATERAL and OFFSET keep the order in which the tables are read.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM json_each(:ids) i
CROSS JOIN LATERAL (SELECT * FROM version w WHERE w.type = :type AND w.id = i.value OFFSET 0) v
WHERE v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted AND ({predicate})
LIMIT :limit
