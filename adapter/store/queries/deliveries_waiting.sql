SELECT d.n, d.event, d.type, d.id, d.t, d.at_ms, d.number, d.told FROM delivery d INDEXED BY delivery_waiting
WHERE d.subscription = :subscription AND d.state = 'waiting' ORDER BY d.n LIMIT :limit
