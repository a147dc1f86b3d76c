SELECT d.n, d.event, d.type, d.id, d.t, d.at_ms, d.number, d.told FROM delivery d
WHERE d.subscription = :subscription AND d.number BETWEEN :since AND :until ORDER BY d.n LIMIT :limit
