-- What a file of bulk data consists of, as it was found first: a JSON list of [after, last, bytes, digest]; "" where that is not
-- known, or is not so any more. Nothing of a record is in it.
ALTER TABLE export_file ADD COLUMN parts TEXT NOT NULL DEFAULT '';
