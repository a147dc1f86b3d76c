-- One version of a record.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       {ground}
FROM version v
WHERE v.type = :type AND v.id = :id AND v.version = :version AND ({predicate})
