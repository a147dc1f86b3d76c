-- To whom a patient is tied, as the records say it, at a time (ms) or later.
SELECT DISTINCT b.bond, b.organization FROM tie b WHERE b.patient = ? AND b.valid_until > ?
