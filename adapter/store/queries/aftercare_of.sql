-- The Tasks by which a record was sent to partners, be it the Task or the referral. They are few: no index is kept for it.
SELECT task, partner FROM aftercare WHERE sent_ms IS NOT NULL AND (task = :id OR referral = :id)
