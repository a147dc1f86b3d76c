INSERT INTO permit (patient, vid, rule, effect, consent, recipient, purpose, type, record, labels, data_from, data_until,
  valid_from, valid_until, from_t)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
