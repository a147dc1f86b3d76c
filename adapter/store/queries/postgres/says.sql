-- Whether any version holds these bytes; nothing but a scan can tell, and it is made when a map has lost a code.
SELECT 1 FROM version WHERE "position"(body, ?) > 0 LIMIT 1
