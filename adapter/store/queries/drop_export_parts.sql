UPDATE export_file SET parts = '' WHERE export = :id AND n = :n
