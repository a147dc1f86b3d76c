DELETE FROM job WHERE kind = :kind AND key = :key
