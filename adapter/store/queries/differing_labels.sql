-- Records whose versions are labelled differently, after the index was rebuilt.
SELECT v.type, v.id, v.rendering FROM version v GROUP BY v.type, v.id, v.rendering HAVING min(v.own) <> max(v.own)
