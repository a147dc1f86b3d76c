-- How often one person at one client has tried since a time, and how often anybody at that client.
SELECT count(*) FILTER (WHERE person = :person), count(*) FROM emergency WHERE client = :client AND opened_ms > :since
