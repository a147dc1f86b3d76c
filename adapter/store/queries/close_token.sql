UPDATE token SET until_t = ? WHERE parameter = ? AND value = ? AND sort = ? AND vid = ?
