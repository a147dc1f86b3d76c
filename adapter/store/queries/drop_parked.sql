DELETE FROM parked WHERE type = ? AND id = ? AND vid < ?
