-- As the other statement of this name; LATERAL and OFFSET keep the order in which the tables are read.
SELECT v.type, v.id
FROM json_each(:numbers) n
CROSS JOIN LATERAL (
  SELECT y.vid FROM token y
  WHERE y.parameter = CAST(n.value AS INTEGER) AND y.value = :value AND y.until_t IS NULL OFFSET 0
) x
CROSS JOIN version v ON v.vid = x.vid
