UPDATE staff SET password = :password, totp = :totp, issuer = :issuer, subject = :subject WHERE name = :name
