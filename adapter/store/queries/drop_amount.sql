DELETE FROM amount WHERE parameter = ? AND sort = ? AND vid = ?
