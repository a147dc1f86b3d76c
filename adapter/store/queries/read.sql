-- The newest version of a record, also when it is a deletion. Found before the predicate is asked, which else could let an
-- older version through in its place.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       {ground}
FROM version v
WHERE v.vid {newest}
  AND ({predicate})
