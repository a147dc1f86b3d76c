-- The number of the last of the next deletions of some types, all there are of them or `:limit`; NULL behind the last.
SELECT max(n.vid) FROM (
    SELECT w.vid FROM version w
    WHERE w.type IN (SELECT x.value FROM json_each(:types) x) AND w.vid > :after AND w.vid <= :last AND w.deleted
    ORDER BY w.vid LIMIT :limit
) n
