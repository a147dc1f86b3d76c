-- All clients that were ever told anything: from one to the next in the index, past all that each was told.
WITH RECURSIVE each(client) AS (
    SELECT min(client) FROM disclosure
    UNION ALL
    SELECT (SELECT min(d.client) FROM disclosure d WHERE d.client > each.client) FROM each WHERE each.client IS NOT NULL
)
SELECT client FROM each WHERE client IS NOT NULL
