-- How far the ledger has come.
SELECT number, last, at_ms, digest FROM batch ORDER BY number DESC LIMIT 1
