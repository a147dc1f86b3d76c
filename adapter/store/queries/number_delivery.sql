UPDATE delivery SET number = :number WHERE subscription = :subscription AND n = :n
