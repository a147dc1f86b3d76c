INSERT INTO export (id, client, place, asked, scopes, purpose, person, t, made_ms, ends_ms, done, failure)
VALUES (:id, :client, :place, :asked, :scopes, :purpose, :person, :t, :made_ms, :ends_ms, :done, :failure)
