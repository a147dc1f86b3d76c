-- What is due later, and not because it has failed, waits to be asked for.
UPDATE job SET at_ms = :rests WHERE lane = :lane AND kind = :kind AND holder IS NULL AND attempts = 0 AND at_ms > :now
