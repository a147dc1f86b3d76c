INSERT INTO partner_mark (partner, type, mark) VALUES (:partner, :type, :mark)
ON CONFLICT (partner, type) DO UPDATE SET mark = excluded.mark
