-- Of what resource types beyond the minimum for payment a contract with a payer lets its reviewer be told, blanks between.
ALTER TABLE agreement ADD COLUMN reviewed TEXT NOT NULL DEFAULT '';
