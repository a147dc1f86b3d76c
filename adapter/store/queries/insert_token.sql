-- A resource may say the same code twice.
INSERT OR IGNORE INTO token (parameter, value, sort, vid, from_t) VALUES (?, ?, ?, ?, ?)
