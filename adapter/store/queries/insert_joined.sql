INSERT INTO joined (loser, survivor, vid, at_ms) VALUES (?, ?, ?, ?)
