INSERT INTO interrupted (batch, n)
VALUES (?, ?)
