UPDATE export SET done = :done, failure = :failure WHERE id = :id
