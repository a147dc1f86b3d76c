-- How far the store has come, the transaction, and the form of the store: its schema and what is indexed.
SELECT c.t, c.vid, c.now_ms, coalesce((SELECT a.digest FROM act a ORDER BY a.first DESC LIMIT 1), ''),
  CAST(pg_current_xact_id() AS text), (SELECT max(number) FROM migration) || ' ' || (SELECT value FROM meta WHERE name = 'index')
FROM clock c
