INSERT INTO taken_back (type, id, vid, system, code, reason) VALUES (?, ?, ?, ?, ?, ?)
