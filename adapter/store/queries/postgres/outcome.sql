-- What became of a transaction, 'committed', 'aborted' or 'in progress', and what the process said in its last commit.
SELECT pg_xact_status(CAST(? AS xid8)), (SELECT w.said FROM writer w WHERE w.process = ?)
