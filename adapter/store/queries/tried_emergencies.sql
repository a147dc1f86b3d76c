-- How often one person at one client has tried since a time.
SELECT count(*) FROM emergency WHERE person = :person AND client = :client AND opened_ms > :since
