UPDATE subscription SET numbered = numbered - 1 WHERE id = :id AND numbered = :number
