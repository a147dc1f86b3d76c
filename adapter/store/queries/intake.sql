-- The Tasks of referrals of which intake has not yet said who the person is, in the order in which they arrived, and who sent
-- each: by the number of its first version, which no later one changes.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL, n.organization, f.vid
FROM sent n
  CROSS JOIN version f ON f.type = 'Task' AND f.id = n.id AND f.version = 1 AND f.rendering = 0
  CROSS JOIN version v ON v.type = 'Task' AND v.id = n.id
WHERE n.type = 'Task' AND n.staged = 1 AND v.until_t IS NULL AND NOT v.deleted AND f.vid > :after AND ({predicate})
ORDER BY f.vid LIMIT :limit
