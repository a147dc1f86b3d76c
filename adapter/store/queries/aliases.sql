-- What many identifiers name: `alias.sql` for a batch.
SELECT a.type, a.system, a.value, a.id
FROM (VALUES (?, ?, ?)) k CROSS JOIN alias a ON a.type = k.column1 AND a.system = k.column2 AND a.value = k.column3
