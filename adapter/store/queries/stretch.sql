-- The number of the last of the next versions of a type, all there are of it or `:limit`; NULL behind the last.
SELECT max(n.vid) FROM (
    SELECT w.vid FROM version w WHERE w.type = :type AND w.vid > :after ORDER BY w.type, w.vid LIMIT :limit
) n
