DELETE FROM token WHERE parameter = ? AND value = ? AND sort = ? AND vid = ?
