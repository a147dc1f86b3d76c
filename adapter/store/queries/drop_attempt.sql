DELETE FROM attempt WHERE name = :name
