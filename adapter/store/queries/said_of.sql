SELECT said FROM proposal WHERE type = ? AND id = ? AND other = ? AND said IS NOT NULL
