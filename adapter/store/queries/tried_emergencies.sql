-- How often one person at one client has tried since a time, and how often anybody at that client.
SELECT coalesce(sum(person = :person), 0), count(*) FROM emergency WHERE client = :client AND opened_ms > :since
