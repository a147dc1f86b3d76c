-- An item that is parked again keeps its owner, its resolution and how long it has waited.
INSERT INTO parked (patient, type, id, path, reason, since, vid) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (type, id, path, reason) DO UPDATE SET patient = excluded.patient, vid = excluded.vid
