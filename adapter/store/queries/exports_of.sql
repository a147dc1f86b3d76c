-- How many exports a client has, and how many of them are not ready.
SELECT count(*), coalesce(sum(CASE WHEN done = 0 AND failure IS NULL THEN 1 ELSE 0 END), 0) FROM export WHERE client = :client
