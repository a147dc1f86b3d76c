-- As `migrations/0021_export_parts.sql`.
ALTER TABLE export_file ADD COLUMN parts TEXT NOT NULL DEFAULT '';
