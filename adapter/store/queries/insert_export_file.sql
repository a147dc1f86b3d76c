INSERT INTO export_file (export, n, type, after, last) VALUES (:id, :n, :type, :after, :last)
