DELETE FROM permit WHERE patient = ? AND vid = ?
