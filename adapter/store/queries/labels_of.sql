-- Its versions in their order, and what the text of each tells of, or, of a deletion, that of the one before.
SELECT v.vid, v.own FROM version v WHERE v.type = ? AND v.id = ? AND v.rendering = ? ORDER BY v.version
