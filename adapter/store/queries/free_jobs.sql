UPDATE job SET at_ms = :now, holder = NULL WHERE holder IS NOT NULL
