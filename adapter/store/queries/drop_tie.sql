DELETE FROM tie WHERE patient = ? AND vid = ?
