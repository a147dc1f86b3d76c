DELETE FROM export_file WHERE export = :id
