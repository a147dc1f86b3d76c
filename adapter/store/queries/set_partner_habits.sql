-- How often it is pulled from, and from which version on it follows what changes here.
UPDATE partner SET every_minutes = :every, followed = :followed WHERE name = :name
