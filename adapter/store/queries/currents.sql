-- The newest versions of many records as the writer sees them: `current.sql` for a batch.
SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body, v.own
FROM (VALUES (?, ?)) k CROSS JOIN version v ON v.vid = (
  SELECT w.vid FROM version w WHERE w.type = k.column1 AND w.id = k.column2 AND w.rendering = 0
  ORDER BY w.version DESC LIMIT 1)
