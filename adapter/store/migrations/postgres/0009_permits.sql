-- As `migrations/0010_permits.sql`.
ALTER TABLE permit DROP CONSTRAINT permit_pkey;
ALTER TABLE permit ADD PRIMARY KEY (patient, effect, vid, rule);
