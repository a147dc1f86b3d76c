UPDATE client SET enabled = :enabled WHERE id = :id
