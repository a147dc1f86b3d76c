-- References to records that are not there.
SELECT p.target_type, p.target_id, p.type, p.id, p.path
FROM pending p JOIN version v ON v.type = p.type AND v.id = p.id AND v.until_t IS NULL
WHERE (p.target_type, p.target_id, p.type, p.id, p.path)
    > (:after_target_type, :after_target_id, :after_type, :after_id, :after_path)
  AND ({predicate})
ORDER BY p.target_type, p.target_id, p.type, p.id, p.path LIMIT :limit
