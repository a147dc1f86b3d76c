-- Whether a client has itself sent a record without a label since it was taken back.
SELECT 1 FROM version v
WHERE v.type = :type AND v.id = :id AND v.rendering = 0 AND v.vid > :vid AND NOT v.deleted
  AND EXISTS (
    SELECT 1 FROM act a WHERE a.client = :client AND a.kind = :kind AND a.last >= v.vid
      AND a.first = (SELECT max(b.first) FROM act b WHERE b.first <= v.vid))
  AND NOT EXISTS (
    SELECT 1 FROM repeated_label k WHERE k.type = v.type AND k.id = v.id AND k.vid = v.vid AND k.system = :system
      AND k.code = :code AND k.client = :client AND k.kind = :kind)
LIMIT 1
