-- What a record names tells of this, so it does too.
UPDATE version SET labels = ? WHERE type = ? AND id = ? AND rendering = 0
