-- The newest version of a record, also when it is a deletion.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.cut, v.body
FROM version v
WHERE v.type = :type AND v.id = :id AND v.until_t IS NULL AND ({predicate})
