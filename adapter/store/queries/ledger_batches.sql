SELECT number, first, last, at_ms, digest FROM batch WHERE number > :number ORDER BY number LIMIT :page
