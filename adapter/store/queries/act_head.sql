-- The digest of the newest act.
SELECT digest FROM act ORDER BY first DESC LIMIT 1
