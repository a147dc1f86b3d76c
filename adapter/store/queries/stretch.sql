-- The number of the last of the next versions of a type, all there are of it or `:limit`, and how many bytes their texts
-- have; NULL behind the last.
SELECT max(n.vid), sum(n.size) FROM (
    SELECT w.vid, length(w.body) AS size FROM version w
    WHERE w.type = :type AND w.vid > :after ORDER BY w.type, w.vid LIMIT :limit
) n
