-- What the joining of a Patient wrote.
SELECT r.type, r.id, r.version FROM joined_record r WHERE r.loser = ? ORDER BY r.type, r.id
