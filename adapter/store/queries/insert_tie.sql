INSERT INTO tie (patient, vid, rule, bond, organization, valid_from, valid_until, from_t)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
