-- A deletion is about those whom the version before it was about, and as sensitive; it was the same, on the same day.
UPDATE version AS d SET (patients, labels, own, addressees, concept, sort) = (
  SELECT b.patients, b.labels, b.own, b.addressees, b.concept, CASE WHEN b.sort = b.updated THEN d.updated ELSE b.sort END
  FROM version b
  WHERE b.type = d.type AND b.id = d.id AND b.rendering = d.rendering AND b.version = d.version - 1)
WHERE d.deleted AND d.version > 1
