-- How much waits: parked items, unmapped records, pending references.
SELECT
  (SELECT count(*) FROM parked p JOIN version v ON v.type = p.type AND v.id = p.id AND v.until_t IS NULL
   WHERE ({predicate})),
  (SELECT count(*) FROM (
     SELECT DISTINCT v.vid
     FROM unmapped u JOIN version v ON v.type = u.type AND v.id = u.id AND v.until_t IS NULL
     WHERE ({predicate})) d),
  (SELECT count(*) FROM pending p JOIN version v ON v.type = p.type AND v.id = p.id AND v.until_t IS NULL
   WHERE ({predicate}) AND NOT EXISTS (
     SELECT 1 FROM version v
     WHERE v.type = p.target_type AND v.id = p.target_id AND v.until_t IS NULL AND NOT v.deleted AND ({predicate})))
