-- What a record turns out to tell of, its older versions tell of too.
UPDATE version SET labels = ?, own = ? WHERE type = ? AND id = ? AND rendering = ?
