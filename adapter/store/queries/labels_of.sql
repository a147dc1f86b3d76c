SELECT DISTINCT v.labels FROM version v WHERE v.type = ? AND v.id = ?
