-- A deletion is about those whom the version before it was about.
UPDATE version AS d SET patients = (
  SELECT b.patients FROM version b WHERE b.type = d.type AND b.id = d.id AND b.version = d.version - 1)
WHERE d.deleted AND d.version > 1
