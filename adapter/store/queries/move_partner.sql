UPDATE partner SET base = :base WHERE name = :name
