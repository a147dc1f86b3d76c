-- The texts of a record, or of a side of it, in their order; of a deletion there is none.
SELECT v.vid, v.body FROM version v WHERE v.type = ? AND v.id = ? AND v.rendering = ? ORDER BY v.version
