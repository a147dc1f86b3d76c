-- The first position of a time or after it.
SELECT first FROM batch WHERE at_ms >= ? ORDER BY at_ms, number LIMIT 1
