UPDATE amount SET until_t = ? WHERE parameter = ? AND sort = ? AND vid = ?
