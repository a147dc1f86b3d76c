-- References to records that are not there. One that was written by somebody who could not see its target waits only for
-- those who cannot see it either: the inner `v` is the target.
SELECT p.target_type, p.target_id, p.type, p.id, p.path
FROM pending p JOIN version v ON v.type = p.type AND v.id = p.id AND v.until_t IS NULL
WHERE (p.target_type, p.target_id, p.type, p.id, p.path)
    > (:after_target_type, :after_target_id, :after_type, :after_id, :after_path)
  AND ({predicate})
  AND NOT EXISTS (
    SELECT 1 FROM version v
    WHERE v.type = p.target_type AND v.id = p.target_id AND v.until_t IS NULL AND NOT v.deleted AND ({predicate}))
ORDER BY p.target_type, p.target_id, p.type, p.id, p.path LIMIT :limit
