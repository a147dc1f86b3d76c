-- The live records that point to a record, as the writer sees them: `:numbers` is a JSON list of parameters.
SELECT v.type, v.id
FROM json_each(:numbers) n
CROSS JOIN token x ON x.parameter = CAST(n.value AS INTEGER) AND x.value = :value AND x.until_t IS NULL
CROSS JOIN version v ON v.vid = x.vid
