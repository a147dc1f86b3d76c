-- Whether somebody holds a role, at whatever time.
SELECT 1 FROM tie WHERE patient = :role AND bond = 'holds' AND organization = :person
