WITH noted AS (
  INSERT INTO writer (process, said) VALUES (?, ?) ON CONFLICT (process) DO UPDATE SET said = excluded.said, at = now())
UPDATE clock SET t = ?, vid = ?, now_ms = ?
