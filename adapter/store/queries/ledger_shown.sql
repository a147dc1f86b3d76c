SELECT n, patient, ground, resources, digest, list
FROM shown WHERE (n, patient) > (:n, CAST(:patient AS TEXT)) ORDER BY n, patient LIMIT :page
