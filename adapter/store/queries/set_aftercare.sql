INSERT INTO aftercare (task, referral, partner, asked_ms, sent_ms, person, unsent, unheard)
VALUES (:task, :referral, :partner, :asked_ms, :sent_ms, :person, :unsent, :unheard)
ON CONFLICT (task) DO UPDATE
SET sent_ms = excluded.sent_ms, person = excluded.person, unsent = excluded.unsent, unheard = excluded.unheard
