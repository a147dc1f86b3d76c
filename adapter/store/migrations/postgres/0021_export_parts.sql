-- As `migrations/0022_export_parts.sql`.
ALTER TABLE export_file ADD COLUMN parts TEXT NOT NULL DEFAULT '';
