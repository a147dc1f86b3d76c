DELETE FROM authorization_code WHERE person = :person
