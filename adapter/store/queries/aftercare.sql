SELECT task, referral, partner, asked_ms, sent_ms, person, unsent, unheard FROM aftercare WHERE task = :task
