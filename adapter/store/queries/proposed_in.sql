SELECT document, said FROM proposal WHERE type = ? AND id = ? AND other = ''
