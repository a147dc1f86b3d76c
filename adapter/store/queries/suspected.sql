-- The records of which another may hold an identifier, people or not, save what is for intake alone; `:patient` NULL for
-- everybody.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL
FROM parked p CROSS JOIN version v ON v.type = p.type AND v.id = p.id
WHERE p.reason = :reason AND p.resolution IS NULL AND v.until_t IS NULL AND NOT v.deleted
  AND CASE WHEN p.type = 'Patient' THEN 1 ELSE 0 END = :people
  AND (p.type, p.id) > (:after_type, :after_id)
  AND {given patient: p.patient = :patient}
  AND NOT EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.staged = 1)
  AND ({predicate})
ORDER BY p.type, p.id LIMIT :limit
