UPDATE partner SET enabled = :enabled WHERE name = :name
