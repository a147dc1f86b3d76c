SELECT id, client, place, asked, scopes, purpose, person, t, made_ms, ends_ms, done, failure FROM export WHERE id = :id
