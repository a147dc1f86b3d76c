-- What waits for a person, oldest record key first; `:patient` NULL for everybody.
SELECT p.patient, p.type, p.id, p.path, p.reason, p.owner, p.resolution, p.since
FROM parked p JOIN version v ON v.type = p.type AND v.id = p.id AND v.until_t IS NULL
WHERE {given patient: p.patient = :patient}
  AND (p.type, p.id, p.path, p.reason) > (:after_type, :after_id, :after_path, :after_reason)
  AND ({predicate})
ORDER BY p.type, p.id, p.path, p.reason LIMIT :limit
