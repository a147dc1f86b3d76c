INSERT INTO submission (organization, called, digest, referral, task, records, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)
