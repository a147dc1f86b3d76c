-- How many versions of records one act wrote; what others see of them is between them.
SELECT count(*) FROM version v WHERE v.vid BETWEEN ? AND ? AND v.rendering = 0
