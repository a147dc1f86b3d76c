-- The labels of a record that were taken back, first the first.
SELECT k.vid, k.system, k.code, k.reason FROM taken_back k WHERE k.type = ? AND k.id = ?
ORDER BY k.vid, k.system, k.code
