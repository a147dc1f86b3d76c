-- The types of which anything is seen otherwise than as it is.
SELECT DISTINCT v.type FROM version v WHERE v.rendering > 0
