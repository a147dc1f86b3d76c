-- The types among these (`:types`, a JSON list) in records of which there can be anything of a patient to see.
SELECT x.value FROM json_each(:types) x, json_each(:patients) s WHERE ({opened})
