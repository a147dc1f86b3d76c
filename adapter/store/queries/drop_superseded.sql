DELETE FROM superseded WHERE vid = ?
