-- The versions of one act that may be seen, each with its record as it is now; the body is not read.
SELECT v.vid, v.type, v.id, v.version, v.deleted, v.labels, v.own, v.patients
FROM version v
WHERE v.vid BETWEEN :first AND :last
  AND ({predicate})
ORDER BY v.vid
