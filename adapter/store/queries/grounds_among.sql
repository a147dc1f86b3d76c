-- Of patients (`:patients`, a JSON list), the first and the last of the grounds on which something of them may be shown.
SELECT s.value, {among}
FROM json_each(:patients) s
