DELETE FROM export WHERE id = :id
