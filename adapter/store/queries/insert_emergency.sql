INSERT INTO emergency (id, patient, client, person, opened_ms, closed_ms)
VALUES (:id, :patient, :client, :person, :opened, :opened)
