-- The records that belong to an episode, or did.
SELECT p.type, p.id FROM placement p WHERE p.episode = ? ORDER BY p.type, p.id
