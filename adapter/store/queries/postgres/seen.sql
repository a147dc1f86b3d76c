-- The newest logical time, the oldest one that can still be searched, and the form of the store.
SELECT c.t, coalesce((SELECT CAST(value AS bigint) FROM meta WHERE name = 'horizon'), 0), (SELECT max(number) FROM migration) || ' ' || (SELECT value FROM meta WHERE name = 'index')
FROM clock c
