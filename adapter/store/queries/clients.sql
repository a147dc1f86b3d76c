-- The clients, or the one of an id, and whether the agreement that its kind needs stands.
SELECT c.id, c.kind, c.organization, c.name, c.scopes, c.purposes, c.jwks, c.jwks_uri, c.enabled = 1, c.made_ms,
       c.kind NOT IN ('program-ehr', 'payer') OR EXISTS (
           SELECT 1 FROM agreement a
           WHERE a.client = c.id AND a.kind = CASE c.kind WHEN 'payer' THEN 'contract' ELSE 'qsoa' END
             AND a.from_ms <= :now AND (a.until_ms IS NULL OR a.until_ms > :now)),
       c.redirect_uris, c.endpoints
FROM client c
WHERE c.id = coalesce(CAST(:id AS TEXT), c.id)
ORDER BY c.id
