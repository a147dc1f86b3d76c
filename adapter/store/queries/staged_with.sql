SELECT task FROM sent WHERE type = ? AND id = ? AND staged = 1
