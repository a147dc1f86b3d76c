INSERT INTO unmapped (patient, type, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
