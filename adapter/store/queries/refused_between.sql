-- What was refused in some time, in order.
SELECT r.batch, r.n, b.at_ms, r.since_ms, r.number, r.client, r.kind, r.organization, r.practitioner, r.purpose, r.network, r.interaction, r.type, r.status,
    r.reason, r.token, r.address, r.request
FROM refused r CROSS JOIN batch b ON b.number = r.batch
WHERE (r.batch, r.n) > (:batch, :n) AND b.at_ms < :until
ORDER BY r.batch, r.n
LIMIT :page
