UPDATE partner SET followed = :followed WHERE name = :name
