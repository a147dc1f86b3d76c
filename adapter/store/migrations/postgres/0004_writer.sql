-- What each process that writes said in its last commit. The number of a transaction does not tell it from another: a
-- server that crashed gives out again the numbers of transactions that left no trace in its log.
CREATE TABLE writer (
    process TEXT        NOT NULL PRIMARY KEY,
    said    BIGINT      NOT NULL,
    at      TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
