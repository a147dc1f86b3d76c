SELECT organization, task FROM sent WHERE type = ? AND id = ?
