-- What the contracts with a payer's clients that may ask let its reviewer be told now.
SELECT a.reviewed FROM client c JOIN agreement a ON a.client = c.id
WHERE c.kind = 'payer' AND c.organization = :organization AND c.enabled = 1 AND a.kind = 'contract'
  AND a.from_ms <= :now AND (a.until_ms IS NULL OR a.until_ms > :now)
