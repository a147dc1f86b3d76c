-- Of patients, those in the reader's care.
SELECT s.value FROM json_each(:patients) s WHERE {care}
