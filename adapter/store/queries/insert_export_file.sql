INSERT INTO export_file (export, n, type, after, last, parts) VALUES (:id, :n, :type, :after, :last, :parts)
