INSERT INTO superseded (vid, at) VALUES (?, ?)
