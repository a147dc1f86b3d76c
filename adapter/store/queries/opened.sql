-- The patients among these (`:patients`, a JSON list) of whom there can be anything to see in records of a type.
SELECT s.value FROM json_each(:patients) s WHERE ({opened})
