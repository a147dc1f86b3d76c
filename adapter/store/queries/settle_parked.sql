UPDATE parked SET owner = ?, resolution = ? WHERE type = ? AND id = ? AND path = ? AND reason = ?
