-- When what is written down of one patient begins by its date alone.
SELECT valid_from FROM permit WHERE patient = :patient AND effect = 'permit' AND valid_from > :after
UNION SELECT valid_from FROM tie WHERE patient = :patient AND valid_from > :after
ORDER BY 1
