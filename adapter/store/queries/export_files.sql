SELECT type, after, last FROM export_file WHERE export = :id ORDER BY n
