DELETE FROM delivery WHERE subscription = :subscription AND state = 'sent' AND at_ms < :before AND n IN (
  SELECT d.n FROM delivery d WHERE d.subscription = :subscription ORDER BY d.n LIMIT 200)
