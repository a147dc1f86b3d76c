SELECT v.labels, v.addressees FROM version v WHERE v.vid = ?
