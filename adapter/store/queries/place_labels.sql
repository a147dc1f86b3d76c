-- After the index was rebuilt.
UPDATE version SET own = ? WHERE vid = ?
