-- The oldest rows, up to and including one.
DELETE FROM superseded WHERE (at, until_t, vid) <= (?, ?, ?)
