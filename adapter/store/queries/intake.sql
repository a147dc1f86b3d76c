-- The Tasks of referrals of which intake has not yet said who the person is, the oldest first, and who sent each.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
       NULL, n.organization
FROM sent n CROSS JOIN version v ON v.type = 'Task' AND v.id = n.id
WHERE n.type = 'Task' AND n.staged = 1 AND v.until_t IS NULL AND NOT v.deleted AND v.vid > :after AND ({predicate})
ORDER BY v.vid LIMIT :limit
