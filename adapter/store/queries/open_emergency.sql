UPDATE emergency SET closed_ms = :closed WHERE id = :id
