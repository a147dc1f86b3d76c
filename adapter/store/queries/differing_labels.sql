-- Records whose versions are labelled differently, after the index was rebuilt.
SELECT v.type, v.id FROM version v GROUP BY v.type, v.id HAVING min(v.labels) <> max(v.labels)
