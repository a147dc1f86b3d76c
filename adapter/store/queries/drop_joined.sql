DELETE FROM joined WHERE loser = ?
