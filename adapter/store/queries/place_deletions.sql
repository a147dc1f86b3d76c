-- A deletion is about those whom the version before it was about, and as sensitive.
UPDATE version AS d SET (patients, labels) = (
  SELECT b.patients, b.labels FROM version b WHERE b.type = d.type AND b.id = d.id AND b.version = d.version - 1)
WHERE d.deleted AND d.version > 1
