-- Whom a record was ever about.
SELECT DISTINCT v.patients FROM version v WHERE v.type = ? AND v.id = ? AND v.rendering = 0
