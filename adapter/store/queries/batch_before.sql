-- The last batch before a time.
SELECT number FROM batch WHERE at_ms < ? ORDER BY at_ms DESC, number DESC LIMIT 1
