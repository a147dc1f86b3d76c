-- The records of which labels were taken back.
SELECT DISTINCT k.type, k.id FROM taken_back k ORDER BY k.type, k.id
