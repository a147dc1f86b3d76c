-- The newest version of a record is the last one under `version_key`: a second index that says the same cost every write a
-- page in a place of its own.
DROP INDEX version_newest;
