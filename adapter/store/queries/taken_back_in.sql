-- The labels that an act took back.
SELECT k.vid, k.system, k.code, k.reason FROM taken_back k WHERE k.type = ? AND k.id = ? AND k.vid = ?
ORDER BY k.system, k.code
