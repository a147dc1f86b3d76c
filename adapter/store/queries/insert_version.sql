INSERT INTO version (vid, type, id, version, updated, t, deleted, sort, map, concept, patients, cut, body, own, present, labels, rendering, addressees)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
