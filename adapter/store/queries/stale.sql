-- Superseded versions whose index rows no page link needs any more, the first superseded first; nor an export that looks for
-- some of the records of its time, until it is forgotten.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own,
  v.rendering, s.at, s.until_t
FROM superseded s CROSS JOIN version v ON v.vid = s.vid
WHERE s.at < :before
  AND NOT EXISTS (SELECT 1 FROM export e WHERE e.t < s.until_t AND instr(e.asked, '"filters":{}') = 0)
ORDER BY s.at, s.until_t, s.vid LIMIT :limit
