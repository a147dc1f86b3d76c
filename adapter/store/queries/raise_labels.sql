-- What a record turns out to tell of, its older versions tell of too.
UPDATE version SET labels = ? WHERE type = ? AND id = ? AND rendering = ?
