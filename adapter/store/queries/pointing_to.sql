-- The live records whose reference under a parameter leads to one of many and whose
-- natural date lies in [:low, :high), as the writer sees them.
SELECT DISTINCT v.id
FROM json_each(:values) i
CROSS JOIN token x ON x.parameter = :parameter AND x.value = i.value AND x.sort >= :low AND x.sort < :high
    AND x.until_t IS NULL
CROSS JOIN version v ON v.vid = x.vid
