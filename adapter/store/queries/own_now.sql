-- What a record tells of itself, as its versions so far say it.
SELECT v.own FROM version v WHERE v.type = ? AND v.id = ? AND v.rendering = 0 AND v.until_t IS NULL
