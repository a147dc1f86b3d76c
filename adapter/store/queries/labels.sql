SELECT v.labels FROM version v WHERE v.vid = ?
