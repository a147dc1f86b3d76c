-- Those that cannot be told, and what waits for them; since when and why.
SELECT s.id, s.client, s.topic, s.status, s.failing_ms, s.failure, j.attempts, j.at_ms,
       (SELECT count(*) FROM delivery d INDEXED BY delivery_waiting WHERE d.subscription = s.id AND d.state = 'waiting')
FROM subscription s JOIN job j ON j.kind = 'notify' AND j.key = s.id
WHERE s.failing_ms IS NOT NULL AND s.id > :after
ORDER BY s.id LIMIT :limit
