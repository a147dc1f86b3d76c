INSERT INTO version (vid, type, id, version, updated, t, deleted, sort, map, concept, patients, cut, body, present, labels, own, rendering, addressees)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
