DELETE FROM moment WHERE parameter = ? AND sort = ? AND vid = ?
