INSERT INTO superseded (at, until_t, vid) VALUES (?, ?, ?)
