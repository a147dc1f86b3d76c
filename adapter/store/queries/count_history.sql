-- How many versions of one record `history_record` has to show.
SELECT count(*)
FROM version v INDEXED BY version_key
WHERE v.type = :type AND v.id = :id AND v.vid >= :first AND v.vid < :before
  AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :over) AND ({predicate})
