UPDATE parked SET patient = ? WHERE type = ? AND id = ?
