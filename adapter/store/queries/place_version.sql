-- After the index was rebuilt.
UPDATE version SET sort = ?, present = ?, patients = ? WHERE vid = ?
