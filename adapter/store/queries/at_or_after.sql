-- The first version number from `vid` on, with when it was made and the logical time of its commit.
SELECT w.vid, w.updated, w.t FROM version w WHERE w.vid >= :vid ORDER BY w.vid LIMIT 1
