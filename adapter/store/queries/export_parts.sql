SELECT parts FROM export_file WHERE export = :id AND n = :n
