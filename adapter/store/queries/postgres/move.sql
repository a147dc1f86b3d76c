UPDATE clock SET t = ?, vid = ?, now_ms = ?
