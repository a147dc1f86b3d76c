-- After the index was rebuilt.
UPDATE version SET sort = ?, present = ?, patients = ?, labels = ?, own = ?, addressees = ? WHERE vid = ?
