INSERT INTO joined_record (loser, type, id, version) VALUES (?, ?, ?, ?)
