-- Whom records tie to one patient, and which records.
SELECT t.bond, t.patient, t.organization, v.type || '/' || v.id, t.valid_from, t.valid_until
FROM tie t CROSS JOIN version v ON v.vid = t.vid
WHERE t.patient = :patient ORDER BY t.vid, t.rule
