-- What was joined into a Patient.
SELECT j.loser FROM joined j WHERE j.survivor = ? ORDER BY j.loser
