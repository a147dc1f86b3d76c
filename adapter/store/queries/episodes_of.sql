-- The episodes that are about a Patient, or were.
SELECT p.episode FROM placement p WHERE p.type = 'Patient' AND p.id = ?
