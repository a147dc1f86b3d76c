-- The distinct values of a parameter in [:low, :high), each found by one step down the index.
WITH RECURSIVE found(value) AS (
    SELECT min(value) FROM token WHERE parameter = :parameter AND value >= :low AND value < :high
    UNION ALL
    SELECT (SELECT min(value) FROM token WHERE parameter = :parameter AND value > found.value AND value < :high)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT :limit
