-- Which of some records (`:records`, a JSON list of `Type/id`) came with a referral.
SELECT s.type, s.id FROM json_each(:records) x CROSS JOIN sent s
  ON s.type = substr(x.value, 1, instr(x.value, '/') - 1) AND s.id = substr(x.value, instr(x.value, '/') + 1)
