DELETE FROM joined_record WHERE loser = ?
