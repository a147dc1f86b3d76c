UPDATE subscription SET status = :status, told_ms = :told, failure = :failure,
  version = version + CASE WHEN status = :status THEN 0 ELSE 1 END,
  updated_ms = CASE WHEN status = :status THEN updated_ms ELSE :now END
WHERE id = :id
