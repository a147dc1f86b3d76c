-- Where in the order of acts a time stands.
SELECT first, at_ms FROM act WHERE first >= ? ORDER BY first LIMIT 1
