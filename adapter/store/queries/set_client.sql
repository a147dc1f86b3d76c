UPDATE client SET organization = :organization, name = :name, scopes = :scopes, purposes = :purposes, endpoints = :endpoints
WHERE id = :id
