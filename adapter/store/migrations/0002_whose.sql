-- The newest version of a record is the last one under `version_key`: a second index that says the same cost every write a
-- page in a place of its own.
DROP INDEX version_newest;

-- The ids of the patients that a version is about, with blanks between: '' for the directory and for deletions.
ALTER TABLE version ADD COLUMN patients TEXT NOT NULL DEFAULT '';
