SELECT task FROM sent WHERE type = ? AND id = ?
