UPDATE staff SET enabled = :enabled WHERE name = :name
