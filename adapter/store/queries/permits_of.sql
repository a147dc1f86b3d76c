-- What the consents in force say of one patient.
SELECT consent, patient, effect, recipient, purpose, type, record, labels, data_from, data_until, valid_from, valid_until
FROM permit WHERE patient = :patient ORDER BY consent, vid, rule
