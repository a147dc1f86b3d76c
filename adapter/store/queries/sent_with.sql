SELECT type, id FROM sent WHERE task = ? ORDER BY type, id
