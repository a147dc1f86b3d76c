INSERT OR IGNORE INTO unmapped (patient, type, id) VALUES (?, ?, ?)
