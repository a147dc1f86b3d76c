-- The medical emergencies that are open now.
SELECT id, patient, client, person, opened_ms, closed_ms FROM emergency WHERE opened_ms <= :now AND closed_ms > :now
