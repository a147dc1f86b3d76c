-- The newest version of a record or of a rendering of it, as a part of other statements, which are narrowed.
(SELECT w.vid FROM version w WHERE w.type = :type AND w.id = :id AND w.rendering = {rendering} ORDER BY w.version DESC LIMIT 1)
