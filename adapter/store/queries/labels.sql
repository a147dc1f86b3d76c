SELECT v.labels, v.own, v.addressees FROM version v WHERE v.vid = ?
