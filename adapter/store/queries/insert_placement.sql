INSERT INTO placement (episode, type, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
