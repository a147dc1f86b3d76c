-- The records of which nobody has said whether they are the program's, and the document that each came from; save what is
-- for intake alone. `:patient` and `:document` NULL for all.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL, p.document
FROM proposal p CROSS JOIN version v ON v.type = p.type AND v.id = p.id
WHERE p.said IS NULL AND p.other = '' AND v.until_t IS NULL AND NOT v.deleted
  AND (p.type, p.id) > (:after_type, :after_id)
  AND {given document: p.document = :document}
  AND {given patient: v.patients = :patient}
  AND NOT EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.staged = 1)
  AND ({predicate})
ORDER BY p.type, p.id LIMIT :limit
