-- The records with a token of which nobody has said anything, save what is for intake alone; `:patient` NULL for everybody.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL
FROM token k CROSS JOIN version v ON v.vid = k.vid
WHERE k.parameter = :parameter AND k.value = :value AND k.until_t IS NULL
  AND v.type = :type AND v.until_t IS NULL AND NOT v.deleted AND v.id > :after
  AND {given patient: v.patients = :patient}
  AND NOT EXISTS (SELECT 1 FROM proposal p
                  WHERE p.type = v.type AND p.id = v.id AND p.other = '' AND p.said IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.staged = 1)
  AND ({predicate})
ORDER BY v.id LIMIT :limit
