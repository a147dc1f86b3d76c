-- After the index was rebuilt.
UPDATE version SET sort = ?, present = ?, patients = ?, labels = ? WHERE vid = ?
