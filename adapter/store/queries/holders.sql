-- The live records whose tokens under a parameter lie in [:low, :high], as the writer sees them.
SELECT DISTINCT v.id, x.value
FROM token x CROSS JOIN version v ON v.vid = x.vid
WHERE x.parameter = :parameter AND x.value >= :low AND x.value <= :high AND x.until_t IS NULL
