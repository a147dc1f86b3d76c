SELECT 1 FROM job j WHERE j.at_ms <= :now LIMIT 1
