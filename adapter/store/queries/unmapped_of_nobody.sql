-- The records that no concept claims and no search parameter places with a patient.
SELECT u.type, u.id FROM unmapped u WHERE u.patient = '' ORDER BY u.type, u.id
