SELECT DISTINCT v.own FROM version v WHERE v.type = ? AND v.id = ? AND v.rendering = ?
