-- What a token says, and when an agreement of its client next begins or ends. Only in an app of the staff is its person
-- one of theirs: others name whom they like.
SELECT k.client, k.scopes, k.purpose, k.person, k.person_name, k.issued_ms, k.expires_ms, c.kind, c.organization,
       c.enabled = 1 AND (c.kind NOT IN ('program-ehr', 'payer') OR EXISTS (
           SELECT 1 FROM agreement a
           WHERE a.client = c.id AND a.kind = CASE c.kind WHEN 'payer' THEN 'contract' ELSE 'qsoa' END
             AND a.from_ms <= :now AND (a.until_ms IS NULL OR a.until_ms > :now)))
       AND (c.kind NOT IN ('staff', 'privacy-officer') OR s.enabled = 1),
       coalesce(s.roles, ''),
       (SELECT min(CASE WHEN a.from_ms > :now THEN a.from_ms ELSE a.until_ms END) FROM agreement a
        WHERE a.client = c.id AND (a.from_ms > :now OR a.until_ms > :now))
FROM access_token k CROSS JOIN client c ON c.id = k.client LEFT JOIN staff s ON c.kind = 'staff' AND s.practitioner = k.person
WHERE k.digest = :digest
