-- Of versions that were found, the ground on which each patient's part in them may be shown now.
SELECT s.value, v.vid, CASE WHEN {still} THEN {ground} END
FROM json_each(:vids) x CROSS JOIN version v ON v.vid = CAST(x.value AS INTEGER),
  json_each('["' || replace(v.patients, ' ', '","') || '"]') s
WHERE v.patients <> ''
