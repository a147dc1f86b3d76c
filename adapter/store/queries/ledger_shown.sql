SELECT n, patient, ground, resources, digest, list
FROM shown WHERE (n, patient) > (:n, :patient) ORDER BY n, patient LIMIT :page
