-- What consents (`:consents`, a JSON list) of a patient permit the reader, and nobody else.
SELECT DISTINCT g.consent, g.purpose, g.type, g.record, g.labels, g.data_from, g.data_until, g.valid_from, g.valid_until
FROM permit g
WHERE g.patient = :patient AND g.effect = 'permit' AND g.consent IN (SELECT i.value FROM json_each(:consents) i) AND ({names})
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
