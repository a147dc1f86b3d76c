-- Those of a client, or all, behind an id.
SELECT s.id, s.client, s.scopes, s.purpose, s.person, s.topic, s.patient, s.episode, s.referral, s.endpoint, s.content,
       s.heartbeat_ms, s.timeout_ms, s.most, s.end_ms, s.body, s.made_ms, s.status, s.version, s.updated_ms, s.numbered,
       s.told_ms, s.failure
FROM subscription s
WHERE s.id > :after AND s.client = coalesce(CAST(:client AS TEXT), s.client) AND s.status = coalesce(CAST(:status AS TEXT), s.status)
ORDER BY s.id LIMIT :limit
