SELECT count(*) FROM delivery d INDEXED BY delivery_waiting WHERE d.subscription = :subscription AND d.state = 'waiting'
