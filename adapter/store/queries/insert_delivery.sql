-- What happened to something that is no record, for one subscription of whom it is about, behind all that it has been told.
INSERT INTO delivery (subscription, n, event, type, id, t, at_ms)
SELECT :subscription, coalesce(max(d.n), 0) + 1, :event, :type, :id, :t, :at FROM delivery d WHERE d.subscription = :subscription
