-- What happened, once for each subscription that wants to be told of it: of a version that it is to be told of, once.
INSERT INTO delivery (subscription, n, event, type, id, t, at_ms)
SELECT s.id, :n, :event, :type, :id, :t, :at FROM subscription s
WHERE s.topic = :topic AND s.status IN ('active', 'error') AND s.end_ms > :at
  AND (s.patient IS NULL OR s.patient IN (SELECT p.value FROM json_each(:patient) p))
  AND (s.episode IS NULL OR s.episode IN (SELECT e.value FROM json_each(:episode) e))
  AND (s.referral IS NULL OR s.referral IN (SELECT r.value FROM json_each(:referral) r))
ON CONFLICT (subscription, n) DO NOTHING
