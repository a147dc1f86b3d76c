-- All records that belong to an episode, or did, by it.
SELECT p.episode, p.type, p.id FROM placement p ORDER BY p.episode
