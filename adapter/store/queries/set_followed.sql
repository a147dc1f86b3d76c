-- Nothing where it is not followed any more, or anew from another version.
UPDATE partner SET followed = :followed WHERE name = :name AND followed = :after
