INSERT INTO shown (n, patient, ground, resources, digest, list)
VALUES (?, ?, ?, ?, ?, ?)
