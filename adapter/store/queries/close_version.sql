UPDATE version SET until_t = ? WHERE vid = ?
