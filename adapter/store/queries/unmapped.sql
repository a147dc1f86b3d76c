-- The records that no concept claims; `:patient` NULL for everybody.
SELECT u.patient, u.type, u.id, v.version, v.updated
FROM unmapped u JOIN version v ON v.type = u.type AND v.id = u.id AND v.until_t IS NULL
WHERE {given patient: u.patient = :patient}
  AND (u.patient, u.type, u.id) > (:after_patient, :after_type, :after_id)
  AND ({predicate})
ORDER BY u.patient, u.type, u.id LIMIT :limit
