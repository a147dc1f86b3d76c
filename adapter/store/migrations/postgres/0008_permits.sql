-- As `migrations/0009_permits.sql`.
ALTER TABLE permit DROP CONSTRAINT permit_pkey;
ALTER TABLE permit ADD PRIMARY KEY (patient, effect, vid, rule);
