INSERT INTO version (vid, type, id, version, updated, t, deleted, sort, map, concept, cut, body, present)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
