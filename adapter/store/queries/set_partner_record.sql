INSERT INTO partner_record (partner, type, remote, id, remote_version, version, theirs)
VALUES (:partner, :type, :remote, :id, :remote_version, :version, :theirs)
ON CONFLICT (partner, type, remote) DO UPDATE
SET id = excluded.id, remote_version = excluded.remote_version, version = excluded.version, theirs = excluded.theirs
