-- Patients of whom an act wrote a version, and under whom it is not listed.
SELECT DISTINCT s.value FROM version v, json_each('["' || replace(v.patients, ' ', '","') || '"]') s
WHERE v.vid BETWEEN :first AND :last AND v.rendering = 0 AND v.patients <> ''
    AND NOT EXISTS (SELECT 1 FROM act_patient p WHERE p.patient = s.value AND p.first = :first)
