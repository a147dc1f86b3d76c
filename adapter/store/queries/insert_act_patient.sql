INSERT INTO act_patient (patient, first)
VALUES (?, ?)
