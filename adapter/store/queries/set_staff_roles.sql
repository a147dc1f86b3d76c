UPDATE staff SET roles = :roles WHERE name = :name
