UPDATE client SET organization = :organization, name = :name, scopes = :scopes, purposes = :purposes WHERE id = :id
