SELECT type, remote, id, remote_version, version, theirs = 1
FROM partner_record WHERE partner = :partner AND type = :type ORDER BY remote
