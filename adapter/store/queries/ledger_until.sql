-- The last position before a time.
SELECT last FROM batch WHERE at_ms < ? ORDER BY at_ms DESC, number DESC LIMIT 1
