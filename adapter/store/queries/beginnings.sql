-- When what is written down of one patient begins by its date alone, or a refusal ends by its date; an exception ends with the
-- consent that it is of.
SELECT valid_from FROM permit WHERE patient = :patient AND effect = 'permit' AND valid_from > :after
UNION SELECT valid_from FROM tie WHERE patient = :patient AND valid_from > :after
UNION SELECT valid_until FROM permit WHERE patient = :patient AND effect = 'deny' AND valid_until > :after AND valid_until < :never
ORDER BY 1
