INSERT OR REPLACE INTO alias (type, system, value, id) VALUES (?, ?, ?, ?)
