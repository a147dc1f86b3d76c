-- What a Patient was joined into.
SELECT j.survivor, j.vid FROM joined j WHERE j.loser = ?
