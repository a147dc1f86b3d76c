INSERT OR IGNORE INTO moment (parameter, sort, vid, low, high, from_t) VALUES (?, ?, ?, ?, ?, ?)
