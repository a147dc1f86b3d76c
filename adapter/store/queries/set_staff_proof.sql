-- With another secret, codes are counted anew.
UPDATE staff SET password = :password, totp = :totp, counter = 0, issuer = :issuer, subject = :subject WHERE name = :name
