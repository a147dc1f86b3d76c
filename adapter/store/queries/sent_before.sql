-- Which of some records (`:records`, a JSON list of `Type/id`) of a patient a client was ever sent.
SELECT x.value FROM json_each(:records) x
WHERE EXISTS (
  SELECT 1 FROM shown s CROSS JOIN disclosure d ON d.n = s.n
  WHERE s.patient = :patient AND d.client = :client AND instr(:newline || s.list, :newline || x.value || '/') > 0
  LIMIT 1 OFFSET 0)
