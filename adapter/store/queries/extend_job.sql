UPDATE job SET at_ms = :until WHERE kind = :kind AND key = :key AND token = :token AND holder IS NOT NULL
