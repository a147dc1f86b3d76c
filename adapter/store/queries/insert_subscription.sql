INSERT INTO subscription (id, client, scopes, purpose, person, topic, patient, episode, referral, endpoint, content,
  heartbeat_ms, timeout_ms, most, end_ms, body, made_ms, status, version, updated_ms, numbered, told_ms)
VALUES (:id, :client, :scopes, :purpose, :person, :topic, :patient, :episode, :referral, :endpoint, :content,
  :heartbeat_ms, :timeout_ms, :most, :end_ms, :body, :made_ms, :status, 1, :made_ms, 0, :made_ms)
