DELETE FROM writer WHERE at < now() - interval '1 day'
